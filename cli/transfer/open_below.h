// Opens what is below a folder, without ever leaving it.
#pragma once

#include <dirent.h>
#include <kj/io.h>

#include <memory>
#include <string>
#include <string_view>

namespace cbs::cli {

// As openat(2), for a path of names between slashes; "" is the folder itself. No symbolic link is followed on the way
// or at the end. null: it failed, see errno (ELOOP or ENOTDIR for a link that stands where a folder should).
kj::AutoCloseFd openBelow(int folder, const std::string& path, int flags);

// The same name by name, which is how it is done where the kernel has no openat2(2).
kj::AutoCloseFd openBelowByName(int folder, std::string_view path, int flags);

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

// A folder, to read what is in it. null: see errno.
OpenFolder openFolderBelow(int folder, const std::string& path);

// The folders of a series of paths: those that follow each other in a folder open it once.
class FolderFinder {
 public:
  // `root` outlives it.
  explicit FolderFinder(int root) : root_(root) {}

  // A descriptor, good until the next call; -1: see errno.
  int at(const std::string& path);

 private:
  int root_;
  bool known_ = false;
  std::string path_;
  kj::AutoCloseFd folder_;
};

}  // namespace cbs::cli
