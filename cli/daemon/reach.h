// Gets a connection to the daemon, starting one if need be.
#pragma once

#include "cli/daemon/place.h"
#include "common/error.h"

#include <kj/io.h>
#include <sys/types.h>

#include <optional>

namespace cbs::cli {

struct Reached {
  kj::AutoCloseFd socket;
  std::optional<pid_t> started;  // the daemon that we started for it
};

// Connects to the daemon. If none runs and `place.autostart`, one is started; of many programs that want that at once,
// one does it and the others wait for it. Blocks, for up to ten seconds if a daemon has to start.
//
// Errors are those of connectLocal and startDaemon.
Expected<Reached> reachDaemon(const DaemonPlace& place);

}  // namespace cbs::cli
