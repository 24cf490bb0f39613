// The daemon: its parts, wired.
#pragma once

#include "agentd/app/listener.h"
#include "agentd/rpc/callers.h"
#include "agentd/rpc/services.h"
#include "common/config.h"

#include <string>

namespace cbs::app {

class Daemon {
 public:
  // `config` outlives it. `keyAgentDir` is where a private ssh-agent has its socket.
  Daemon(Loop loop, const Config& config, std::string keyAgentDir);

  // Serves callers who connect to `listener`, until it is told to stop; then closes the listener, and resolves when
  // everybody has heard what became of their work.
  Task<void> serve(Listener listener);

  // Takes no more work, and cancels what still runs after `grace`. Told again, it cancels at once.
  void stop(kj::Duration grace);

 private:
  Task<void> acceptUntilStopped(Listener listener);
  kj::Promise<void> drainEngine(kj::Duration grace);

  Loop loop_;
  identity::Resolver resolver_;
  queue::CommandQueue queue_;
  rpc::WorkLog work_;
  rpc::Vitals vitals_;
  rpc::Services services_;
  rpc::Callers callers_;
  kj::PromiseFulfillerPair<void> stopPair_ = kj::newPromiseAndFulfiller<void>();
  kj::Duration grace_ = 0 * kj::SECONDS;
  kj::Promise<void> hurrying_ = kj::READY_NOW;
  bool stopping_ = false;
};

}  // namespace cbs::app
