#include "agentd/app/process_setup.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace cbs::app {
namespace {

// A connection takes a descriptor; the soft limit is often 1024 for the sake of programs that use select().
void raiseDescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// What passes between ssh-agents, hosts and callers is in our memory: no dump of it, and no debugger of the same user.
void hideMemory() {
  // LeakSanitizer looks at its own process as a debugger does.
#if !__has_feature(address_sanitizer)
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace

void setUpProcess() {
  umask(077);
  raiseDescriptorLimit();
  hideMemory();
  signal(SIGPIPE, SIG_IGN);
}

}  // namespace cbs::app
