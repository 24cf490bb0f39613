#include "tests/bench/stopwatch.h"

#include "tests/support/failure.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cbs::bench {
namespace {

// Stdin and stdout at /dev/null.
class QuietStreams {
 public:
  QuietStreams() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  }
  ~QuietStreams() { posix_spawn_file_actions_destroy(&actions_); }
  QuietStreams(const QuietStreams&) = delete;
  QuietStreams& operator=(const QuietStreams&) = delete;
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

double millisecondsIn(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1000 + static_cast<double>(time.tv_usec) / 1000;
}

}  // namespace

double runToSuccess(const std::vector<std::string>& argv) {
  std::vector<char*> pointers;
  for (const std::string& word : argv) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  QuietStreams streams;
  pid_t pid = -1;
  if (int error = posix_spawnp(&pid, pointers[0], streams.get(), nullptr, pointers.data(), environ); error != 0) {
    test::fail("cannot start " + argv[0] + ": " + strerror(error));
  }
  int status = 0;
  rusage usage{};
  if (wait4(pid, &status, 0, &usage) != pid) test::failErrno("wait4");
  if (status == 0) return millisecondsIn(usage.ru_utime) + millisecondsIn(usage.ru_stime);
  test::fail(argv[0] + (WIFEXITED(status) ? " exited with " + std::to_string(WEXITSTATUS(status))
                                          : " died of signal " + std::to_string(WTERMSIG(status))));
}

}  // namespace cbs::bench
