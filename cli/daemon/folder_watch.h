// Wakes when a name in a folder may have changed hands.
#pragma once

#include <kj/io.h>

#include <cstdint>
#include <string>

namespace cbs::cli {

// Sees files that are moved into a folder and files that are closed after having been open for writing, from its making
// on.
class FolderWatch {
 public:
  explicit FolderWatch(const std::string& folder);

  // Blocks until something has happened since the last call. False when `timeoutMs` have passed.
  bool wait(int64_t timeoutMs);

 private:
  kj::AutoCloseFd inotify_;
};

}  // namespace cbs::cli
