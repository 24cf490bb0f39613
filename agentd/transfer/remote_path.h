// Paths on a host, as its users write them.
#pragma once

#include <string>

namespace cbs::transfer {

// A relative path begins at the home directory, and so does `~/`: as SFTP has it, which knows no tilde. "" is ".".
std::string fromHome(std::string path);

// Without those at its end; "/" stays.
std::string withoutSlashes(std::string path);

// The folder that a path names a file in.
std::string folderOf(const std::string& path);

}  // namespace cbs::transfer
