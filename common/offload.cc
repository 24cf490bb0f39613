#include "common/offload.h"

#include <fcntl.h>
#include <unistd.h>

#include <kj/io.h>

#include <thread>

namespace cbs {

// The thread holds the writing end of a pipe; when it is done it closes it, which is all that the loop sees of it. So a
// thread that ends after the loop has gone harms nobody.
Task<void> offload(Loop loop, std::function<void()> work) {
  int ends[2];
  KJ_SYSCALL(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
  kj::AutoCloseFd reading(ends[0]);
  auto writing = std::make_shared<kj::AutoCloseFd>(ends[1]);
  kj::UnixEventPort::FdObserver observer(loop.port, reading, kj::UnixEventPort::FdObserver::OBSERVE_READ);
  std::thread thread([writing, work = std::move(work)]() { work(); });
  KJ_DEFER(if (thread.joinable()) thread.detach());
  writing = nullptr;
  co_await observer.whenBecomesReadable();
  thread.join();  // it has nothing left to do but to give back what libraries keep for each thread
}

}  // namespace cbs
