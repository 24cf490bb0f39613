// The local end of a transfer.
#pragma once

#include "common/error.h"

#include <kj/io.h>

#include <cstdint>
#include <string>

namespace cbs::cli {

// A file to upload, open for reading.
struct SourceFile {
  kj::AutoCloseFd fd;
  uint64_t size;
  uint32_t mode;  // permission bits
};

// Errors are usage/isDirectory, usage/badRequest for what is no regular file, and transferFailed otherwise.
Expected<SourceFile> openSource(const std::string& path);

// A file that is being downloaded: it has a temporary name beside its own until keep(), and is removed if that is not
// called.
class DestinationFile {
 public:
  // `path` may be a folder, in which the file gets `remoteName`. What exists there and is no regular file is not
  // replaced (usage/badRequest): renaming over /dev/null would remove it. Other errors are transferFailed.
  static Expected<DestinationFile> create(const std::string& path, const std::string& remoteName);

  DestinationFile(DestinationFile&& other) noexcept;
  ~DestinationFile() noexcept(false);

  int fd() const { return fd_; }
  const std::string& path() const { return path_; }

  // Gives the file the permission bits of `mode` that the umask lets through, as scp does for new files, and its name.
  // Nothing is left behind on failure.
  Expected<void> keep(uint32_t mode);

 private:
  DestinationFile(std::string path, std::string temporary, kj::AutoCloseFd fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(kj::mv(fd)) {}

  std::string path_;
  std::string temporary_;  // "" once there is none
  kj::AutoCloseFd fd_;
};

// The last part of a path, without slashes at its end; "" if there is none that could name a file.
std::string fileNameOf(const std::string& path);

}  // namespace cbs::cli
