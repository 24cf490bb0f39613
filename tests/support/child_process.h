// Another program, started by a test.
#pragma once

#include "tests/support/unique_fd.h"

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::test {

using std::chrono::milliseconds;

// How long a test waits for something that should come soon; generous, as sanitizers and a busy machine make it late.
constexpr milliseconds kSoon{20'000};

// What to start. An unset stream is /dev/null.
struct Program {
  std::vector<std::string> argv;
  std::optional<std::map<std::string, std::string>> environment = {};  // unset: the test's own
  std::map<int, int> descriptors = {};                                 // in the child → here
  bool controllingTerminal = false;  // descriptor 0 becomes it, in a session of its own
  // What the child finds where the account's home folder is; "": that folder. OpenSSH asks the password database where
  // it is, so that HOME alone keeps nobody out of the user's own ~/.ssh. Needs canReplaceHome().
  std::string home = "";
};

// Whether this machine lets a test have a view of the file system of its own (a mount namespace).
bool canReplaceHome();

// What became of it.
struct Ended {
  int code = -1;  // exit status; 128 + n if signal n ended it
  bool signalled = false;
};

// A child that is killed and reaped at the latest with the object. It also dies with the thread that started it.
class ChildProcess {
 public:
  explicit ChildProcess(const Program& program);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number) const;

  // Waits for the end; throws when it has not come in time.
  Ended wait(milliseconds deadline = kSoon);

 private:
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  std::optional<Ended> ended_;
};

// Runs a program to its end and returns what it printed on stdout; throws if it fails.
std::string runProgram(const std::vector<std::string>& argv);

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};
Pipe makePipe();

// Waits until `fd` can be read (or is at its end); false when the time is up.
bool waitReadable(int fd, milliseconds deadline);

// The processes that `pid` started, and theirs, in no order.
std::vector<pid_t> descendantsOf(pid_t pid);

}  // namespace cbs::test
