#include "common/child_process.h"

#include "common/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace cbs {

// Watches a child through its pidfd and reaps it when it has ended.
class ChildProcess::Process : public kj::Refcounted {
 public:
  Process(Loop loop, int pid, kj::AutoCloseFd pidFd)
      : loop(loop),
        pid_(pid),
        pidFd_(kj::mv(pidFd)),
        observer_(loop.port, pidFd_, kj::UnixEventPort::FdObserver::OBSERVE_READ),
        exit_(observer_.whenBecomesReadable().then([this]() { return reap(); }).fork()),
        watch_(exit_.addBranch().ignoreResult().eagerlyEvaluate(nullptr)) {}

  kj::Promise<int> exited() { return exit_.addBranch(); }
  bool running() const { return running_; }
  int pid() const { return pid_; }

  // To the child and all that shares its session's first group.
  void signal(int number) const {
    if (running_) ::kill(-pid_, number);
  }

  const Loop loop;

 private:
  // What the child leaves running in its group goes first, while the group's number cannot be anyone else's.
  int reap() {
    signal(SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    running_ = false;
    return status;
  }

  const int pid_;
  kj::AutoCloseFd pidFd_;
  kj::UnixEventPort::FdObserver observer_;
  bool running_ = true;
  kj::ForkedPromise<int> exit_;
  kj::Promise<void> watch_;
};

ChildProcess::ChildProcess(kj::Own<Process> process) : loop_(process->loop), process_(kj::mv(process)) {}

Expected<std::unique_ptr<ChildProcess>> ChildProcess::start(Loop loop, const Spec& spec) {
  auto pid = spawn({.argv = spec.argv,
                    .environment = spec.environment,
                    .descriptors = {spec.stdinFd, spec.stdoutFd, spec.stderrFd},
                    .further = spec.further,
                    .outlives = spec.outlives});
  if (!pid) return fail(pid.error());
  kj::AutoCloseFd pidFd(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
  if (pidFd.get() < 0) {
    int error = errno;
    ::kill(*pid, SIGKILL);
    waitpid(*pid, nullptr, 0);
    return fail(ErrorKind::INTERNAL, Reason::UNSPECIFIED, "cannot watch " + spec.argv[0] + ": " + systemMessage(error));
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(kj::refcounted<Process>(loop, *pid, kj::mv(pidFd))));
}

ChildProcess::~ChildProcess() noexcept(false) {
  if (left_ || !process_->running()) return;
  process_->signal(SIGTERM);
  end(loop_, kj::mv(process_)).promise().detach([](kj::Exception&&) {});
}

Task<void> ChildProcess::end(Loop loop, kj::Own<Process> process) {
  co_await process->exited().ignoreResult().exclusiveJoin(loop.timer.afterDelay(1 * kj::SECONDS));
  process->signal(SIGKILL);
  co_await process->exited().ignoreResult();
}

kj::Promise<void> ChildProcess::kill() {
  process_->signal(SIGKILL);
  return exited().ignoreResult();
}

kj::Promise<int> ChildProcess::exited() { return process_->exited(); }
bool ChildProcess::running() const { return process_->running(); }
int ChildProcess::pid() const { return process_->pid(); }

Expected<Pipe> openPipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) {
    return fail(ErrorKind::OVERLOADED, Reason::DESCRIPTOR_LIMIT, "cannot make a pipe: " + systemMessage(errno));
  }
  return Pipe{kj::AutoCloseFd(ends[0]), kj::AutoCloseFd(ends[1])};
}

std::string describeWaitStatus(int status) {
  if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
  return "exited with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace cbs
