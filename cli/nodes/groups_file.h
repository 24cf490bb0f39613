// The user's file of groups: groups.toml, see cbsession-groups(5).
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace cbs::cli {

// A `[sources.NAME]`. Exactly one of `ansible`, `clustershell` and `command` is there.
struct SourceSpec {
  std::string name;
  std::string ansible;       // the path of an inventory or of a folder of them
  std::string clustershell;  // the path of a file of groups or of a folder of them
  std::string command;       // lines for sh
  std::string list;
  std::string all;
  uint64_t timeoutMs = 10'000;
};

struct GroupsFile {
  std::vector<std::pair<std::string, std::string>> groups;  // name, node set; in the order of the file
  std::vector<SourceSpec> sources;                          // likewise
};

// Reads such a text. `path` is for the errors, and what paths in it are relative to; `~` there is `home`. The error is
// a sentence that names file, line and key; all that is wrong is in it, a line each.
tl::expected<GroupsFile, std::string> readGroups(const std::string& path, const std::string& text,
                                                 const std::string& home);

}  // namespace cbs::cli
