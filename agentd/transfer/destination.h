// Where an uploaded file goes.
#pragma once

#include "agentd/ssh/sftp.h"

#include <string>
#include <string_view>

namespace cbs::transfer {

// A path as scp takes it: relative ones start at the home directory, and so does `~/`.
std::string fromHome(std::string_view path);

// The absolute path of the file that is to be made or replaced. If `path` is a directory it is the file
// `intoDirectoryAs` in it. A symbolic link is followed, so that it stays one. Fails with isDirectory, with notFound,
// and with alreadyExists where a device or the like is in the way.
Task<Expected<std::string>> findDestination(ssh::Sftp& sftp, std::string path, std::string intoDirectoryAs);

// The folder that a path names a file in.
std::string folderOf(const std::string& path);

// A name beside `path` that nothing has: hidden, saying whose it is, different each time.
std::string temporaryBeside(const std::string& path);

}  // namespace cbs::transfer
