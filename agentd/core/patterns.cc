#include "agentd/core/patterns.h"

#include <algorithm>

namespace cbs::core {

std::vector<std::string_view> splitCommas(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    auto part = list.substr(0, list.find(','));
    if (!part.empty()) parts.push_back(part);
    list.remove_prefix(std::min(list.size(), part.size() + 1));
  }
  return parts;
}

bool matchesPattern(std::string_view text, std::string_view pattern) {
  // The last `*` and what it has eaten so far: enough to go back to, as a later star takes over from an earlier one.
  size_t t = 0, p = 0, star = std::string_view::npos, eaten = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      eaten = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++t;
      ++p;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++eaten;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool matchesPatternList(std::string_view text, std::string_view list) { return matchesPatternList({text}, list); }

bool matchesPatternList(std::initializer_list<std::string_view> names, std::string_view list) {
  bool matches = false;
  for (auto pattern : splitCommas(list)) {
    bool negated = pattern.starts_with('!');
    auto matched = [&](std::string_view name) { return matchesPattern(name, pattern.substr(negated)); };
    if (std::none_of(names.begin(), names.end(), matched)) continue;
    if (negated) return false;
    matches = true;
  }
  return matches;
}

}  // namespace cbs::core
