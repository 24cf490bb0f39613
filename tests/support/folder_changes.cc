#include "tests/support/folder_changes.h"

#include "tests/support/failure.h"

#include <sys/inotify.h>

namespace cbs::test {

FolderChanges::FolderChanges(const std::string& folder) : inotify_(inotify_init1(IN_CLOEXEC)) {
  uint32_t events = IN_CREATE | IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE;
  if (inotify_add_watch(inotify_.get(), folder.c_str(), events) < 0) failErrno("inotify_add_watch " + folder);
}

void FolderChanges::until(const std::function<bool()>& condition, milliseconds deadline) const {
  auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    auto left = std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !waitReadable(inotify_.get(), left)) fail("what was waited for did not happen in time");
    char events[16 * 1024];
    if (read(inotify_.get(), events, sizeof(events)) < 0) failErrno("read from inotify");
  }
}

}  // namespace cbs::test
