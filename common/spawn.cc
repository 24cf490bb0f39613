#include "common/spawn.h"

#include <kj/io.h>

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cbs {
namespace {

// All that the child needs, made before the fork: between vfork and exec it runs in its parent's memory and must not
// allocate.
struct Prepared {
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;
  std::vector<int> descriptors;
  std::vector<int> copies;
  bool outlives;
  pid_t parent;
  sigset_t signalMask;
  volatile int error = 0;  // errno of the child's failure
};

bool isOverridden(const char* entry, const SpawnRequest& request) {
  for (const auto& [name, value] : request.environment) {
    if (strncmp(entry, name.c_str(), name.size()) == 0 && entry[name.size()] == '=') return true;
  }
  return false;
}

void prepareEnvironment(Prepared& prepared, const SpawnRequest& request) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!isOverridden(*entry, request)) prepared.envp.push_back(*entry);
  }
  for (const auto& [name, value] : request.environment) prepared.environment.push_back(name + "=" + value);
  for (auto& entry : prepared.environment) prepared.envp.push_back(entry.data());
  prepared.envp.push_back(nullptr);
}

// A handler must not run in the child, where it would change its parent's memory; an ignored signal would stay ignored
// through exec.
void resetSignals(const sigset_t& mask) {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &standard, nullptr);
  sigset_t none = mask;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool installDescriptors(Prepared& prepared) {
  int count = static_cast<int>(prepared.descriptors.size());
  for (int i = 0; i < count; ++i) {
    prepared.copies[i] = fcntl(prepared.descriptors[i], F_DUPFD_CLOEXEC, count);
    if (prepared.copies[i] < 0) return false;
  }
  for (int i = 0; i < count; ++i) {
    if (dup2(prepared.copies[i], i) < 0) return false;
  }
  close_range(count, ~0U, CLOSE_RANGE_CLOEXEC);
  return true;
}

[[noreturn]] void runChild(Prepared& prepared) {
  setsid();
  resetSignals(prepared.signalMask);
  if (!prepared.outlives) prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!prepared.outlives && getppid() != prepared.parent) _exit(127);
  if (installDescriptors(prepared)) execvpe(prepared.argv[0], prepared.argv.data(), prepared.envp.data());
  prepared.error = errno;
  _exit(127);
}

pid_t forkAndRun(Prepared& prepared) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &prepared.signalMask);
  pid_t pid = vfork();
  if (pid == 0) runChild(prepared);
  int error = errno;
  sigprocmask(SIG_SETMASK, &prepared.signalMask, nullptr);
  if (pid < 0) prepared.error = error;
  return pid;
}

}  // namespace

Expected<int> spawn(const SpawnRequest& request) {
  kj::AutoCloseFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  Prepared prepared;
  prepared.parent = getpid();
  prepared.outlives = request.outlives;
  for (int descriptor : request.descriptors) prepared.descriptors.push_back(descriptor < 0 ? null.get() : descriptor);
  prepared.descriptors.insert(prepared.descriptors.end(), request.further.begin(), request.further.end());
  prepared.copies.resize(prepared.descriptors.size());
  for (const auto& argument : request.argv) prepared.argv.push_back(const_cast<char*>(argument.c_str()));
  prepared.argv.push_back(nullptr);
  prepareEnvironment(prepared, request);

  pid_t pid = forkAndRun(prepared);
  if (prepared.error == 0) return pid;
  if (pid > 0) {
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  bool shortage = prepared.error == EMFILE || prepared.error == ENFILE;
  auto kind = shortage ? ErrorKind::OVERLOADED : ErrorKind::INTERNAL;
  auto reason = shortage                   ? Reason::DESCRIPTOR_LIMIT
                : prepared.error == ENOENT ? Reason::NOT_FOUND
                                           : Reason::UNSPECIFIED;
  return fail(kind, reason, "cannot start " + request.argv[0] + ": " + systemMessage(prepared.error));
}

}  // namespace cbs
