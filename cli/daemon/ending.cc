#include "cli/daemon/ending.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace cbs::cli {

ProcessHandle::ProcessHandle(pid_t pid) : pidfd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}

Task<bool> ProcessHandle::ended(Loop loop, kj::Duration limit) {
  if (pidfd_ == nullptr) co_return true;
  kj::UnixEventPort::FdObserver observer(loop.port, pidfd_, kj::UnixEventPort::FdObserver::OBSERVE_READ);
  auto ended = observer.whenBecomesReadable().then([]() { return true; });
  auto late = loop.timer.afterDelay(limit).then([]() { return false; });
  co_return co_await ended.exclusiveJoin(kj::mv(late));
}

}  // namespace cbs::cli
