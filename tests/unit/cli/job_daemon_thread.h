// A daemon that knows jobs, in a thread and at a socket, for the commands as a whole.
#pragma once

#include "common/task.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/cli/fake_jobs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <unistd.h>

#include <optional>
#include <thread>

namespace cbs::cli {

class JobDaemonThread {
 public:
  // The script is for the thread alone once run() has been called.
  JobScript script;

  ~JobDaemonThread() noexcept(false) { stop(); }

  // Listens by the time it returns.
  void start() {
    listener_ = kj::AutoCloseFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof(address.sun_path) - 1);
    unlink(path().c_str());  // of an earlier start
    KJ_SYSCALL(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)));
    KJ_SYSCALL(listen(listener_, 10));
    int ends[2];
    KJ_SYSCALL(pipe2(ends, O_CLOEXEC));
    endRead_ = kj::AutoCloseFd(ends[0]);
    endWrite_ = kj::AutoCloseFd(ends[1]);
    thread_ = std::thread([this]() { run(); });
  }

  // What the script has noted may be read afterwards.
  void stop() {
    endWrite_ = nullptr;
    if (thread_.joinable()) thread_.join();
  }

  // For the script: ends all connections, after the answer that it is called from.
  void dropSoon() {
    dropping_ = kj::evalLast([this]() { connections_->drop(); }).eagerlyEvaluate(nullptr);
  }

  std::string path() const { return folder_.path("agentd.sock"); }

 private:
  using Observer = kj::UnixEventPort::FdObserver;

  void run() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    auto io = kj::setupAsyncIo();
    connections_.emplace(*io.lowLevelProvider, script);
    Observer end(io.unixEventPort, endRead_, Observer::OBSERVE_READ);
    Observer callers(io.unixEventPort, listener_, Observer::OBSERVE_READ);
    accept(callers).promise().exclusiveJoin(end.whenBecomesReadable()).wait(io.waitScope);
    dropping_ = nullptr;
    connections_.reset();
  }

  Task<void> accept(Observer& callers) {
    for (;;) {
      co_await callers.whenBecomesReadable();
      connections_->serve(kj::AutoCloseFd(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)));
    }
  }

  test::TempFolder folder_;
  kj::AutoCloseFd listener_, endRead_, endWrite_;
  std::optional<FakeConnections> connections_;
  kj::Promise<void> dropping_ = nullptr;
  std::thread thread_;
};

// A standard stream in a file, until read() puts it back.
class CapturedStream {
 public:
  explicit CapturedStream(int fd) : fd_(fd), before_(dup(fd)), file_(memfd_create("stream", MFD_CLOEXEC)) {
    KJ_SYSCALL(dup2(file_, fd_));
  }
  std::string read() {
    KJ_SYSCALL(dup2(before_, fd_));
    std::string text(static_cast<size_t>(lseek(file_, 0, SEEK_END)), '\0');
    KJ_SYSCALL(pread(file_, text.data(), text.size(), 0));
    return text;
  }

 private:
  int fd_;
  kj::AutoCloseFd before_, file_;
};

}  // namespace cbs::cli
