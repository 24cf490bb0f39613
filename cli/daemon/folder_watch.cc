#include "cli/daemon/folder_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>

namespace cbs::cli {
namespace {

// Where inotify cannot be had (fs.inotify.max_user_instances), a look every so often has to do.
constexpr int64_t kLookMs = 50;

}  // namespace

FolderWatch::FolderWatch(const std::string& folder) : inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (inotify_ == nullptr) return;
  if (inotify_add_watch(inotify_, folder.c_str(), IN_MOVED_TO | IN_CLOSE_WRITE) < 0) inotify_ = nullptr;
}

bool FolderWatch::wait(int64_t timeoutMs) {
  if (timeoutMs <= 0) return false;
  if (inotify_ == nullptr) {
    poll(nullptr, 0, static_cast<int>(std::min(timeoutMs, kLookMs)));
    return true;
  }
  pollfd ready{inotify_, POLLIN, 0};
  if (poll(&ready, 1, static_cast<int>(timeoutMs)) <= 0) return false;
  char events[4096];
  while (read(inotify_, events, sizeof(events)) > 0) {
  }
  return true;
}

}  // namespace cbs::cli
