// Tells whether a file has changed.
#pragma once

#include <cstdint>
#include <string>

namespace cbs::identity {

// Two equal stamps of one path mean that its content is the same. A file that is not there, or cannot be looked at, has
// the stamp {}.
struct FileStamp {
  uint64_t device = 0, inode = 0, size = 0;
  int64_t modifiedNs = 0, changedNs = 0;
  bool operator==(const FileStamp&) const = default;
};

// Follows symbolic links.
FileStamp stampOf(const std::string& path);

}  // namespace cbs::identity
