// Starts a daemon and waits until it is ready.
#pragma once

#include "cli/daemon/place.h"
#include "common/error.h"

#include <sys/types.h>

namespace cbs::cli {

// Gives the pid of the new daemon, which listens by then. It is in a session of its own, in /, with the standard
// streams on /dev/null and none of our other descriptors. Blocks for up to ten seconds.
//
// Fails with agentUnreachable/autostartFailed and the daemon's own words, or with usage/alreadyExists if there is one
// already, which need not listen yet.
Expected<pid_t> startDaemon(const DaemonPlace& place);

// cbsession-agentd: beside this program, in the build tree that this program is in, or in PATH.
std::string daemonProgram();

}  // namespace cbs::cli
