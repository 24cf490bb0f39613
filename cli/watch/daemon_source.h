// The daemon's figures, from whichever daemon serves the socket at the time.
#pragma once

#include "cli/watch/sample.h"
#include "common/agent_client.h"
#include "common/error.h"
#include "common/task.h"

#include <string>

namespace cbs::cli {

class DaemonSource {
 public:
  // Takes a connected socket (reachDaemon). When the connection has ended, the next question makes another to the
  // socket at `path`; no daemon is started.
  DaemonSource(Loop loop, kj::AutoCloseFd socket, std::string path);

  // With up to so many of the busiest hosts; none from a daemon that does not tell of them. One at a time. Fails with
  // agentUnreachable if there is no daemon, if it is of another version, or if it takes longer than ten seconds.
  Task<Expected<Sample>> ask(uint32_t hosts);

 private:
  Task<Expected<void>> connect();
  Task<Expected<Sample>> askOnce(uint32_t hosts);
  Task<Error> whyFailed(kj::Exception exception);

  Loop loop_;
  std::string path_;
  kj::Own<AgentClient> client_;  // null: to be connected
};

}  // namespace cbs::cli
