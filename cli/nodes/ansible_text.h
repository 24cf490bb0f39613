// What stands in the lines of an Ansible inventory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace cbs::cli {

// The words of a host's line, as Python's shlex takes them: without their quotes and backslashes; `#` begins a comment.
// The error says what is wrong.
tl::expected<std::vector<std::string>, std::string> inventoryWords(std::string_view line);

// A value as Ansible takes it: "22 # as ever" is 22, and what is in quotes stands without them.
std::string inventoryValue(std::string_view text);

struct InventoryHosts {
  std::vector<std::string> names;
  std::string port;  // "" if none was given
};

// The hosts of the first word of a host's line: web1, web1:2222, web[01:50:2].example.com, db-[a:f]:22, [::1]:22. More
// than `most` are an error, as is a range that is none.
tl::expected<InventoryHosts, std::string> inventoryHosts(std::string_view word, size_t most);

}  // namespace cbs::cli
