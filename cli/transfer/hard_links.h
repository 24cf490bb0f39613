// Which files are one and the same.
#pragma once

#include <sys/stat.h>

#include <map>
#include <string>
#include <utility>

namespace cbs::cli {

class HardLinks {
 public:
  // The path by which this file was told before; else "", and it is remembered by `path` until all its names are known.
  std::string firstNameOf(const struct stat& info, const std::string& path) {
    if (info.st_nlink < 2) return "";
    auto [known, isNew] = files_.try_emplace({info.st_dev, info.st_ino}, File{path, info.st_nlink - 1});
    if (isNew) return "";
    std::string first = known->second.path;
    if (--known->second.missing == 0) files_.erase(known);
    return first;
  }

 private:
  struct File {
    std::string path;
    nlink_t missing;
  };
  std::map<std::pair<dev_t, ino_t>, File> files_;
};

}  // namespace cbs::cli
