// Paths in a tree that is moved: names, in bytes, between single slashes.
#pragma once

#include <string>
#include <string_view>

namespace cbs {

// Whether it can be the name of something in a folder: not empty, not `.` or `..`, no slash and no zero byte in it.
bool isEntryName(std::string_view name);

// Whether every part is such a name, so that it leads nowhere but down. The empty path is none.
bool isEntryPath(std::string_view path);

// `folder/name`; the name alone in the folder "".
std::string joinPath(std::string_view folder, std::string_view name);

// What is before the last slash ("" if there is none, "/" if it is the first), and after it.
std::string_view parentOf(std::string_view path);
std::string_view nameOf(std::string_view path);

// What is after the first slash ("" if there is none).
std::string_view belowRoot(std::string_view path);

}  // namespace cbs
