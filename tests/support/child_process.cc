#include "tests/support/child_process.h"

#include "tests/support/failure.h"
#include "tests/support/own_home.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace cbs::test {
namespace {

std::vector<char*> pointersTo(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environmentOf(const Program& program) {
  std::vector<std::string> strings;
  if (!program.environment) {
    for (char** variable = environ; *variable != nullptr; ++variable) strings.emplace_back(*variable);
    return strings;
  }
  for (const auto& [name, value] : *program.environment) strings.push_back(name + "=" + value);
  return strings;
}

// Puts the descriptors where the child expects them. First out of the way of each other, then into place: dup2 clears
// close-on-exec.
void arrangeDescriptors(const std::map<int, int>& wanted) {
  std::map<int, int> spare;
  for (auto [there, here] : wanted) spare[there] = fcntl(here, F_DUPFD_CLOEXEC, 100);
  for (int standard = 0; standard <= 2; ++standard) {
    if (!spare.contains(standard)) spare[standard] = open("/dev/null", O_RDWR | O_CLOEXEC);
  }
  for (auto [there, here] : spare) dup2(here, there);
}

[[noreturn]] void becomeProgram(const Program& program, char** argv, char** environment) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  arrangeDescriptors(program.descriptors);
  if (program.controllingTerminal) {
    setsid();
    ioctl(0, TIOCSCTTY, 0);
  }
  signal(SIGPIPE, SIG_DFL);
  if (!program.home.empty()) {
    // Opened before its folder may go out of sight: somebody's build is in their home folder.
    int file = strchr(argv[0], '/') == nullptr ? -1 : open(argv[0], O_RDONLY | O_CLOEXEC);
    if (!replaceHome(program.home.c_str())) _exit(126);
    if (file >= 0) fexecve(file, argv, environment);
  }
  execvpe(argv[0], argv, environment);
  _exit(127);
}

pid_t parentOf(const std::string& process) {
  std::ifstream stat("/proc/" + process + "/stat");
  std::string line;
  std::getline(stat, line);
  auto afterName = line.rfind(')');
  if (afterName == std::string::npos) return -1;
  return std::atoi(line.c_str() + afterName + 4);
}

}  // namespace

ChildProcess::ChildProcess(const Program& program) {
  std::vector<std::string> argv = program.argv;
  std::vector<std::string> environment = environmentOf(program);
  auto argvPointers = pointersTo(argv);
  auto environmentPointers = pointersTo(environment);
  pid_ = fork();
  if (pid_ < 0) failErrno("fork");
  if (pid_ == 0) becomeProgram(program, argvPointers.data(), environmentPointers.data());
  pidfd_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_.open()) failErrno("pidfd_open");
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)), ended_(other.ended_) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0 || ended_) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool ChildProcess::running() { return !ended_ && !waitReadable(pidfd_.get(), milliseconds(0)); }

void ChildProcess::signal(int number) const {
  if (!ended_) ::kill(pid_, number);
}

Ended ChildProcess::wait(milliseconds deadline) {
  if (ended_) return *ended_;
  if (!waitReadable(pidfd_.get(), deadline)) fail("process " + std::to_string(pid_) + " did not end in time");
  int status = 0;
  waitpid(pid_, &status, 0);
  bool signalled = WIFSIGNALED(status);
  ended_ = Ended{signalled ? 128 + WTERMSIG(status) : WEXITSTATUS(status), signalled};
  return *ended_;
}

bool canReplaceHome() {
  static const bool can = ChildProcess({.argv = {"true"}, .home = "/"}).wait().code == 0;
  return can;
}

std::string runProgram(const std::vector<std::string>& argv) {
  Pipe output = makePipe();
  ChildProcess child({.argv = argv, .descriptors = {{1, output.write.get()}, {2, 2}}});
  output.write.close();
  std::string text;
  char buffer[4096];
  while (auto size = read(output.read.get(), buffer, sizeof(buffer))) {
    if (size < 0) failErrno("read from " + argv[0]);
    text.append(buffer, static_cast<size_t>(size));
  }
  if (int code = child.wait().code; code != 0) fail(argv[0] + " failed with exit status " + std::to_string(code));
  return text;
}

Pipe makePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) failErrno("pipe2");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

bool waitReadable(int fd, milliseconds deadline) {
  pollfd entry{fd, POLLIN, 0};
  auto end = std::chrono::steady_clock::now() + deadline;
  for (;;) {
    auto left = std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
    int ready = poll(&entry, 1, std::max(0, static_cast<int>(left.count())));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

std::vector<pid_t> descendantsOf(pid_t pid) {
  std::multimap<pid_t, pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::string name = entry.path().filename();
    if (isdigit(name[0])) children.emplace(parentOf(name), std::stoi(name));
  }
  std::vector<pid_t> found;
  auto addChildrenOf = [&](pid_t parent) {
    auto [first, last] = children.equal_range(parent);
    for (auto child = first; child != last; ++child) found.push_back(child->second);
  };
  addChildrenOf(pid);
  for (size_t next = 0; next < found.size(); ++next) addChildrenOf(found[next]);
  return found;
}

}  // namespace cbs::test
