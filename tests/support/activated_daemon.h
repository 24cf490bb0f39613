// A daemon that gets its socket from a service manager.
#pragma once

#include "tests/support/private_agent.h"

namespace cbs::test {

// Listens at the agent's socket as systemd does, and starts the daemon with it. The socket's name stays.
class ActivatedDaemon {
 public:
  explicit ActivatedDaemon(const PrivateAgent& agent);

  ChildProcess& process() { return process_; }

 private:
  UniqueFd listener_;
  ChildProcess process_;
};

}  // namespace cbs::test
