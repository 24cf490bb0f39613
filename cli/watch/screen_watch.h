// `cbsession stats --watch` on a terminal.
#pragma once

#include "cli/daemon/place.h"
#include "cli/watch/watch_options.h"

#include <kj/io.h>

namespace cbs::cli {

// Shows what the daemon is doing until somebody leaves, also across the daemon's end and a new one's start. Gives the
// exit code.
int watchOnScreen(kj::AutoCloseFd socket, const DaemonPlace& place, const WatchOptions& options);

}  // namespace cbs::cli
