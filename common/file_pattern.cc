#include "common/file_pattern.h"

#include "common/wildcard.h"

#include <algorithm>

namespace cbs {
namespace {

// The folder and all that is in it.
constexpr std::string_view kAndBelow = "/***";

bool matchesPath(std::string_view pattern, std::string_view path) {
  if (pattern.starts_with('/')) return Wildcard(pattern.substr(1)).matches(path);
  // `**/name` is about a name at the top, too.
  if (pattern.starts_with("**")) return Wildcard(pattern).matches("/" + std::string(path));
  if (pattern.find('/') != std::string_view::npos || pattern.find("**") != std::string_view::npos) {
    return Wildcard(pattern).matchesTail(path);
  }
  std::string_view name = path.substr(path.rfind('/') + 1);
  if (pattern.find_first_of("*?[\\") == std::string_view::npos) return pattern == name;  // most are so
  return Wildcard(pattern).matches(name);
}

}  // namespace

bool matchesFile(const std::string& pattern, const std::string& path, bool isDirectory) {
  std::string_view rest = pattern;
  if (path.empty()) return false;
  if (isDirectory && rest.ends_with(kAndBelow) && matchesPath(rest.substr(0, rest.size() - kAndBelow.size()), path)) {
    return true;
  }
  if (rest.ends_with('/')) {
    if (!isDirectory) return false;
    rest.remove_suffix(1);
  }
  return !rest.empty() && matchesPath(rest, path);
}

bool excluded(const std::vector<std::string>& patterns, const std::string& path, bool isDirectory) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matchesFile(pattern, path, isDirectory); });
}

bool isPattern(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }

}  // namespace cbs
