// The daemon: its parts, wired.
#pragma once

#include "agentd/app/listener.h"
#include "agentd/rpc/callers.h"
#include "agentd/rpc/job_launcher.h"
#include "agentd/rpc/services.h"
#include "common/config.h"

#include <optional>
#include <string>
#include <vector>

namespace cbs::app {

class Daemon {
 public:
  // Where it keeps what is its own.
  struct Folders {
    std::string keyAgent;  // the socket of a private ssh-agent
    std::string state;     // jobs; "": nowhere
  };

  // `source` is where its configuration came from, and is read again.
  Daemon(Loop loop, LoadedConfig config, ConfigSource source, Folders folders);

  // Serves callers who connect to `listener`, until it is told to stop; then closes the listener, and resolves when
  // everybody has heard what became of their work.
  Task<void> serve(Listener listener);

  // Takes no more work, and cancels what still runs after `grace`. Told again, it cancels at once.
  void stop(kj::Duration grace);

  // Takes no more work, and stops once all that it has accepted has run; after `limit` as stop does.
  void drain(kj::Duration limit);

  // Reads the configuration again. If it has faults, nothing changes; else what has changed applies from now on, but
  // for what is marked, and no connection is dropped.
  tl::expected<std::vector<ConfigChange>, std::vector<ConfigFault>> reload();

 private:
  Task<void> acceptUntilStopped(Listener listener);
  kj::Promise<void> drainEngine(kj::Duration grace);
  Task<void> stopWhenIdle(kj::Duration limit);
  kj::Promise<void> whenIdle();
  void openJobs();
  void apply(LoadedConfig config);

  Loop loop_;
  LoadedConfig config_;
  ConfigSource source_;
  identity::Resolver resolver_;
  queue::CommandQueue queue_;
  queue::CommandQueue jobQueue_;  // lanes of their own, so that no command waits for what takes long
  rpc::WorkLog work_;
  rpc::Vitals vitals_;
  schema::Engine::Client engine_;
  rpc::JobLauncher jobLauncher_;
  queue::JobKeeper jobs_;
  rpc::Services services_;
  rpc::Callers callers_;
  kj::PromiseFulfillerPair<void> stopPair_ = kj::newPromiseAndFulfiller<void>();
  kj::Duration grace_ = 0 * kj::SECONDS;
  kj::Promise<void> hurrying_ = kj::READY_NOW;
  std::optional<Task<void>> draining_;
  kj::Promise<void> configuring_ = kj::READY_NOW;
  bool stopping_ = false;
};

}  // namespace cbs::app
