#include "tests/support/own_home.h"

#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>

namespace cbs::test {
namespace {

bool writeLine(const char* file, const char* format, unsigned id) {
  char line[32];
  int length = snprintf(line, sizeof(line), format, id, id);
  int fd = open(file, O_WRONLY | O_CLOEXEC);
  bool written = fd >= 0 && write(fd, line, static_cast<size_t>(length)) == length;
  close(fd);
  return written;
}

// Who is not root may mount in a user namespace; there everyone stays who they are.
bool leaveForOwnMounts() {
  if (geteuid() == 0) return unshare(CLONE_NEWNS) == 0;
  unsigned user = getuid(), group = getgid();
  return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && writeLine("/proc/self/setgroups", "deny", 0) &&
         writeLine("/proc/self/uid_map", "%u %u 1", user) && writeLine("/proc/self/gid_map", "%u %u 1", group);
}

}  // namespace

bool replaceHome(const char* folder) {
  const passwd* account = getpwuid(getuid());
  if (account == nullptr || !leaveForOwnMounts()) return false;
  // What is mounted here must not show elsewhere.
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return mount(folder, account->pw_dir, nullptr, MS_BIND | MS_REC, nullptr) == 0;
}

}  // namespace cbs::test
