// Names by pattern, as in ssh_config(5) and known_hosts.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

namespace cbs::core {

// The parts between commas, without empty ones.
std::vector<std::string_view> splitCommas(std::string_view list);

// Whether `text` is matched by `pattern`, in which `*` stands for any characters and `?` for one.
bool matchesPattern(std::string_view text, std::string_view pattern);

// Whether one of a list of patterns, separated by commas, matches, and none does that is negated by a `!` before it.
bool matchesPatternList(std::string_view text, std::string_view list);
// The same for something that has several names: one of them has to match, and none the negated patterns.
bool matchesPatternList(std::initializer_list<std::string_view> names, std::string_view list);

}  // namespace cbs::core
