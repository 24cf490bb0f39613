// Patterns for files, as rsync(1) has them for --exclude.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cbs {

// Whether a pattern matches the path of an entry of a tree, the root's name included.
//
// `*`, `?` and `[…]` match within a name, `**` also across slashes. A pattern with a slash at its start is about the
// whole path; one with a slash elsewhere about its last names, as many as it has; one without about the last name
// alone, unless it has `**`. A slash at the end makes it match folders only; `/***` at the end is about a folder and
// all that is below it. Patterns and paths are bytes, whatever the locale; the path "" matches none.
bool matchesFile(const std::string& pattern, const std::string& path, bool isDirectory);

// Whether one of them does.
bool excluded(const std::vector<std::string>& patterns, const std::string& path, bool isDirectory);

// Whether a name or path has characters that a pattern would be made of: `*`, `?`, `[`.
bool isPattern(std::string_view text);

}  // namespace cbs
