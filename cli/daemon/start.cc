#include "cli/daemon/start.h"

#include "common/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace cbs::cli {
namespace {

constexpr int kStartMs = 10'000;  // it takes a few ms; a machine that swaps takes longer
constexpr int kReadyFd = 3;       // in the daemon
constexpr size_t kMaxWords = 4096;
const std::string kReady = "ready";

tl::unexpected<Error> failedStart(std::string words) {
  return fail(ErrorKind::AGENT_UNREACHABLE, Reason::AUTOSTART_FAILED, std::move(words));
}

int64_t nowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// Spawns the program with `ready` as descriptor 3 and `words` as standard error.
Expected<pid_t> spawnDetached(const std::vector<std::string>& arguments, int ready, int words) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, words, STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&files, ready, kReadyFd);  // clears close-on-exec even if it is 3 already
  posix_spawn_file_actions_addclosefrom_np(&files, kReadyFd + 1);
  posix_spawn_file_actions_addchdir_np(&files, "/");
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  int error = posix_spawnp(&pid, argv[0], &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return failedStart(arguments[0] + ": " + systemMessage(error));
  return pid;
}

// Reads what is there. False at the end of the stream.
bool readSome(int fd, std::string& text) {
  char buffer[1024];
  ssize_t length = read(fd, buffer, sizeof(buffer));
  if (length > 0 && text.size() < kMaxWords) text.append(buffer, static_cast<size_t>(length));
  return length > 0 || (length < 0 && errno == EINTR);
}

// What a starting daemon says on its two channels until it is ready, gives up, or the time is over.
struct Saying {
  std::string ready;
  std::string words;
  bool timedOut = false;

  bool isReady() const { return ready.compare(0, kReady.size(), kReady) == 0; }
};

Saying listen(int ready, int words) {
  Saying saying;
  int64_t deadline = nowMs() + kStartMs;
  pollfd channels[] = {{ready, POLLIN, 0}, {words, POLLIN, 0}};
  while (!saying.isReady() && (channels[0].fd >= 0 || channels[1].fd >= 0)) {
    int64_t left = deadline - nowMs();
    saying.timedOut = left <= 0;
    if (saying.timedOut) break;
    if (poll(channels, 2, static_cast<int>(left)) <= 0) continue;
    if (channels[0].revents != 0 && !readSome(ready, saying.ready)) channels[0].fd = -1;
    if (channels[1].revents != 0 && !readSome(words, saying.words)) channels[1].fd = -1;
  }
  return saying;
}

std::string trimmed(const std::string& text) {
  size_t end = text.find_last_not_of(" \n\r\t");
  return end == std::string::npos ? "" : text.substr(0, end + 1);
}

// Why it is not ready: in its own words if it has any.
Error failure(pid_t pid, const Saying& saying) {
  if (saying.timedOut) kill(pid, SIGTERM);
  int status = 0;
  bool ended = !saying.timedOut && waitpid(pid, &status, 0) == pid;
  std::string words = trimmed(saying.ready.empty() ? saying.words : saying.ready);
  if (words.compare(0, 15, "already running") == 0) return {ErrorKind::USAGE, Reason::ALREADY_EXISTS, words};
  if (words.empty() && saying.timedOut) words = "it was not ready after ten seconds";
  if (words.empty()) words = "it " + (ended ? describeWaitStatus(status) : "ended");
  return {ErrorKind::AGENT_UNREACHABLE, Reason::AUTOSTART_FAILED, words};
}

std::string ownFolder() {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
  std::string program(path, length > 0 ? static_cast<size_t>(length) : 0);
  return program.substr(0, program.rfind('/'));
}

}  // namespace

std::string daemonProgram() {
  std::string name = "cbsession-agentd";
  std::string folder = ownFolder();
  for (const char* place : {"/", "/../agentd/"}) {
    std::string path = folder;
    path.append(place).append(name);
    if (!folder.empty() && access(path.c_str(), X_OK) == 0) return path;
  }
  return name;
}

Expected<pid_t> startDaemon(const DaemonPlace& place) {
  auto ready = openPipe();
  if (!ready) return fail(std::move(ready.error()));
  auto words = openPipe();
  if (!words) return fail(std::move(words.error()));
  std::vector<std::string> arguments = {daemonProgram(),          "--socket",  place.socket, "--ready-fd",
                                        std::to_string(kReadyFd), "--detached"};
  if (!place.config.empty()) arguments.insert(arguments.end(), {"--config", place.config});
  auto pid = spawnDetached(arguments, ready->write, words->write);
  if (!pid) return pid;
  ready->write = nullptr;
  words->write = nullptr;
  auto saying = listen(ready->read, words->read);
  if (!saying.isReady()) return fail(failure(*pid, saying));
  return pid;
}

}  // namespace cbs::cli
