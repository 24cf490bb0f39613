// A program that runs as a child of this process.
#pragma once

#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"

#include <kj/io.h>
#include <kj/refcount.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cbs {

// It leads a session of its own: it has no terminal to ask on, Ctrl-C does not reach it, and what it starts ends with
// it. It inherits no descriptor but those of its Spec. It is killed when this process dies, unless it is to
// outlive it or the program is setuid or setgid (prctl(2), PR_SET_PDEATHSIG).
class ChildProcess {
 public:
  struct Spec {
    std::vector<std::string> argv;                                 // argv[0] is looked up in PATH
    std::vector<std::pair<std::string, std::string>> environment;  // in addition to this process's own
    int stdinFd = -1, stdoutFd = -1, stderrFd = -1;                // -1: /dev/null. They stay the caller's.
    std::vector<int> further = {};                                 // become 3, 4, …
    bool outlives = false;                                         // once leaveRunning() was called
  };

  // Fails with kind `internal`: reason `notFound` if there is no such program, else with the system's words.
  static Expected<std::unique_ptr<ChildProcess>> start(Loop loop, const Spec& spec);

  // Ends it: TERM, and KILL if that takes longer than a second. Does not wait.
  ~ChildProcess() noexcept(false);

  // From now on it does not end with this object.
  void leaveRunning() { left_ = true; }
  // Ends it with KILL, and resolves when it has ended.
  kj::Promise<void> kill();

  // Its wait status, once it has ended. May be asked for many times. It is reaped whether anyone asks or not.
  kj::Promise<int> exited();

  bool running() const;
  int pid() const;

 private:
  class Process;
  explicit ChildProcess(kj::Own<Process> process);
  static Task<void> end(Loop loop, kj::Own<Process> process);

  Loop loop_;
  kj::Own<Process> process_;
  bool left_ = false;
};

// Both ends of a pipe, closed on exec.
struct Pipe {
  kj::AutoCloseFd read;
  kj::AutoCloseFd write;
};
Expected<Pipe> openPipe();

// "exited with status 2", "was killed by signal 9".
std::string describeWaitStatus(int status);

}  // namespace cbs
