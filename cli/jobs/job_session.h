// The event loop of a command about jobs, and its connection to the daemon.
#pragma once

#include "cli/daemon/place.h"
#include "cli/jobs/lasting_connection.h"

#include <kj/async-io.h>

namespace cbs::cli {

class JobSession {
 public:
  // Takes a connected socket (reachDaemon). When the connection ends, the daemon at `place` is reached again.
  JobSession(kj::AutoCloseFd socket, const DaemonPlace& place);

  Loop loop() { return {io_.unixEventPort, io_.provider->getTimer(), *io_.lowLevelProvider}; }
  LastingConnection& connection() { return connection_; }
  kj::WaitScope& waitScope() { return io_.waitScope; }

 private:
  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  LastingConnection connection_;
};

}  // namespace cbs::cli
