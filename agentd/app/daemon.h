// The daemon: its parts, wired.
#pragma once

#include "agentd/app/listener.h"
#include "agentd/app/logging.h"
#include "agentd/app/program.h"
#include "agentd/app/successor.h"
#include "agentd/http/entrance.h"
#include "agentd/rpc/acceptor.h"
#include "agentd/rpc/access.h"
#include "agentd/rpc/callers.h"
#include "agentd/rpc/health_watch.h"
#include "agentd/rpc/job_launcher.h"
#include "agentd/rpc/services.h"
#include "common/config.h"
#include "schema/handover.capnp.h"

#include <memory>
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

  // `source` is where its configuration came from, and is read again; `program` is what is started to take its place.
  // `logging` outlives it.
  Daemon(Loop loop, LoadedConfig config, ConfigSource source, Folders folders, Logging& logging, Program program);

  // Serves callers who connect there, until it is told to stop; then closes the listener, and resolves when
  // everybody has heard what became of their work.
  Task<void> serve(Post post);

  // Takes no more work, and cancels what still runs after `grace`. Told again, it cancels at once.
  void stop(kj::Duration grace);

  // Takes no more work, and stops once all that it has accepted has run; after `limit` as stop does.
  void drain(kj::Duration limit);

  // Reads the configuration again. If it has faults, nothing changes; else what has changed applies from now on, but
  // for what is marked, and no connection is dropped.
  tl::expected<std::vector<ConfigChange>, std::vector<ConfigFault>> reload();

  // Starts the program anew and leaves everything to it: callers who come, and jobs. Gives its pid. This daemon serves
  // the callers that it has, and stops when they have left. On an error nothing has changed.
  kj::Promise<Expected<pid_t>> replace();

  // For a daemon that takes another one's place (Heir), before it serves.
  void follow(schema::Predecessor::Client predecessor);
  void followNobody();
  Expected<queue::JobKeeper::Outputs> adoptJobs(std::vector<queue::RunningJob> jobs);
  Expected<schema::Agent::Client> agentFor(const rpc::Caller& caller);
  // Resolves when it is known who may use it.
  kj::Promise<void> whenAccessKnown() { return access_.whenKnown(); }

 private:
  class Predecessor;

  void openDoors();
  void closeDoors();
  void end(kj::Duration grace);
  std::optional<Error> whyNotReplaced() const;
  Task<Expected<pid_t>> replaceOnce();
  Task<Expected<std::unique_ptr<Successor>>> handOver();
  Task<Expected<void>> passEverything(Successor& successor);
  Task<Expected<queue::ReleasedJobs>> releaseJobs();
  void goOn();
  void retire();
  kj::Promise<void> stopSuccessor(kj::Duration grace);
  Task<void> stopWhenLeft();
  kj::Duration patience() const;
  kj::Promise<void> drainEngine(kj::Duration grace);
  Task<void> stopWhenIdle(kj::Duration limit);
  kj::Promise<void> whenIdle();
  void openJobs();
  void openHttp();
  std::string httpFault() const;
  void apply(LoadedConfig config);

  Loop loop_;
  LoadedConfig config_;
  ConfigSource source_;
  Logging& logging_;
  identity::Resolver resolver_;
  queue::CommandQueue queue_;
  queue::CommandQueue fanOutQueue_;
  queue::CommandQueue jobQueue_;  // lanes of their own, so that no command waits for what takes long
  rpc::WorkLog work_;
  rpc::AuditLog audit_;
  rpc::FanOuts fanOuts_;
  rpc::Vitals vitals_;
  schema::Engine::Client engine_;
  rpc::JobLauncher jobLauncher_;
  queue::JobKeeper jobs_;
  rpc::Services services_;
  rpc::Access access_;
  rpc::Callers callers_;
  rpc::HealthWatch healthWatch_;
  std::optional<http::Entrance> http_;
  const Program program_;
  std::optional<Post> post_;  // until it stops, or has a successor
  std::optional<rpc::Acceptor> acceptor_;
  std::optional<Task<void>> watchdog_;
  kj::Maybe<schema::Predecessor::Client> predecessor_;
  kj::Own<kj::PromiseFulfiller<void>> predecessorGone_;
  kj::ForkedPromise<void> alone_ = kj::Promise<void>(kj::READY_NOW).fork();  // has no predecessor (any more)
  std::unique_ptr<Successor> successor_;
  kj::PromiseFulfillerPair<void> stopPair_ = kj::newPromiseAndFulfiller<void>();
  kj::Duration grace_ = 0 * kj::SECONDS;
  kj::Promise<void> hurrying_ = kj::READY_NOW;
  std::optional<Task<void>> draining_;
  kj::Promise<void> configuring_ = kj::READY_NOW;
  kj::ForkedPromise<Expected<pid_t>> replacing_ = nullptr;
  std::optional<Task<void>> retiring_;
  bool isReplacing_ = false;
  bool isPassing_ = false;                          // it is open who serves from now on
  std::optional<kj::Duration> stopAskedMeanwhile_;  // the grace
  bool adopted_ = false;                            // the jobs are another daemon's
  bool stopping_ = false;
};

}  // namespace cbs::app
