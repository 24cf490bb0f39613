// Waiting for what happens in a folder.
#pragma once

#include "tests/support/child_process.h"
#include "tests/support/unique_fd.h"

#include <functional>
#include <string>

namespace cbs::test {

class FolderChanges {
 public:
  // Watches the folder itself, not those in it. Made before what is waited for begins.
  explicit FolderChanges(const std::string& folder);

  // Returns once it is true, which is looked at whenever a file in the folder is made, written to, renamed or deleted.
  // Throws when that takes too long.
  void until(const std::function<bool()>& condition, milliseconds deadline = kSoon) const;

 private:
  UniqueFd inotify_;
};

}  // namespace cbs::test
