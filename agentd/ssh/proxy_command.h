// A program as the carrier of a connection (ProxyCommand of ssh_config(5)).
#pragma once

#include "agentd/ssh/carrier.h"
#include "common/child_process.h"
#include "common/loop.h"
#include "common/task.h"

#include <memory>
#include <string>

namespace cbs::ssh {

class ProxyCommand final : public Carrier {
 public:
  // Gives `command` to the user's shell ($SHELL, else /bin/sh) as ssh does, with `end` as its standard input and
  // output. It is ended with the object. Ends, as a carrier, with its status and the last thing it said on standard
  // error.
  static Expected<kj::Own<ProxyCommand>> start(Loop loop, const std::string& command, kj::AutoCloseFd end);

  ProxyCommand(std::unique_ptr<ChildProcess> process, kj::Own<kj::AsyncInputStream> complaints);

 private:
  Task<void> listen();
  Task<void> attend();

  std::unique_ptr<ChildProcess> process_;
  kj::Own<kj::AsyncInputStream> complaints_;
  std::string said_;  // the last of it
  kj::Promise<void> attending_;
};

}  // namespace cbs::ssh
