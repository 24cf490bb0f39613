#include "tests/bench/measured_program.h"

#include "tests/bench/interruption.h"
#include "tests/bench/process_figures.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/failure.h"
#include "tests/support/temp_folder.h"
#include "tests/support/unique_fd.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace cbs::bench {
namespace {

constexpr double kLongestRunSeconds = 600;
constexpr size_t kMostSaid = 2000;
constexpr int kLookMs = 10;

std::vector<char*> pointersTo(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environmentWith(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> words;
  for (char** each = environ; *each != nullptr; ++each) {
    std::string word = *each;
    if (!variables.contains(word.substr(0, word.find('=')))) words.push_back(word);
  }
  for (const auto& [name, value] : variables) words.push_back(name + "=" + value);
  return words;
}

// What a program is started with: its streams and its group.
class Start {
 public:
  explicit Start(const std::string& errorFile) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, errorFile.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
  }
  ~Start() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;

  pid_t spawn(const std::vector<std::string>& argv, const std::vector<std::string>& environment) const {
    pid_t pid = -1;
    int error = posix_spawnp(&pid, argv[0].c_str(), &actions_, &attributes_, pointersTo(argv).data(),
                             pointersTo(environment).data());
    if (error != 0) test::fail("cannot start " + argv[0] + ": " + strerror(error));
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// A program that runs, killed with its group if it still does at the end.
class Running {
 public:
  explicit Running(pid_t pid) : pid_(pid), end_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}
  ~Running() {
    if (reaped_) return;
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // Its status.
  int wait(rusage& usage) {
    Stopwatch stopwatch;
    pollfd ended{end_.get(), POLLIN, 0};
    while (poll(&ended, 1, kLookMs) <= 0) {
      throwIfInterrupted();
      // Not ru_maxrss, which begins with what we had ourselves when it was started.
      residentKiB_ = std::max(residentKiB_, peakResidentIfThere(pid_).value_or(0));
      if (stopwatch.seconds() > kLongestRunSeconds) test::fail("it does not come to an end");
    }
    int status = 0;
    if (wait4(pid_, &status, 0, &usage) != pid_) test::failErrno("wait4");
    reaped_ = true;
    return status;
  }

  double residentKiB() const { return residentKiB_; }

 private:
  pid_t pid_;
  test::UniqueFd end_;
  double residentKiB_ = 0;
  bool reaped_ = false;
};

double millisecondsOfTime(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1000 + static_cast<double>(time.tv_usec) / 1000;
}

[[noreturn]] void failedRun(const std::string& program, int status, std::string said) {
  if (said.size() > kMostSaid) said = "[…]" + said.substr(said.size() - kMostSaid);
  test::fail(program +
             (WIFEXITED(status) ? " exited with " + std::to_string(WEXITSTATUS(status))
                                : " died of signal " + std::to_string(WTERMSIG(status))) +
             ", saying:\n" + said);
}

}  // namespace

ProgramCost runMeasured(const std::vector<std::string>& argv, const std::map<std::string, std::string>& variables) {
  test::TempFolder folder;
  std::string errorFile = folder.path("stderr");
  Start start(errorFile);
  auto environment = environmentWith(variables);
  Stopwatch stopwatch;
  Running running(start.spawn(argv, environment));
  rusage usage{};
  int status = running.wait(usage);
  double seconds = stopwatch.seconds();
  if (status != 0) failedRun(argv[0], status, test::readFile(errorFile));
  return {.seconds = seconds,
          .cpuMs = millisecondsOfTime(usage.ru_utime) + millisecondsOfTime(usage.ru_stime),
          .residentKiB = running.residentKiB()};
}

}  // namespace cbs::bench
