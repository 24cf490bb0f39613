// Serves schema/engine.capnp with a pool of this process's own.
#pragma once

#include "agentd/engine/command_run.h"
#include "agentd/engine/listing_run.h"
#include "agentd/engine/transfer_run.h"
#include "agentd/pool/pool.h"
#include "schema/engine.capnp.h"

namespace cbs::engine {

class EngineServer final : public schema::Engine::Server, private kj::TaskSet::ErrorHandler {
 public:
  EngineServer(Loop loop, pool::PoolLimits limits);

  kj::Promise<void> exec(ExecContext context) override;
  kj::Promise<void> transfer(TransferContext context) override;
  kj::Promise<void> list(ListContext context) override;
  kj::Promise<void> stats(StatsContext context) override;
  kj::Promise<void> connections(ConnectionsContext context) override;
  kj::Promise<void> drain(DrainContext context) override;
  kj::Promise<void> configure(ConfigureContext context) override;
  kj::Promise<void> disconnect(DisconnectContext context) override;
  kj::Promise<void> resetBreakers(ResetBreakersContext context) override;
  kj::Promise<void> describe(DescribeContext context) override { return describeHost(kj::mv(context)); }
  kj::Promise<void> hosts(HostsContext context) override;
  kj::Promise<void> breakers(BreakersContext context) override;

 private:
  Task<void> execute(kj::Own<CommandRun> run);
  // Runs it to its end, as one of those that are stopped when the engine ends.
  template <typename Run>
  static Task<void> runAmong(std::list<Run*>& others, kj::Own<Run> run) {
    auto place = others.insert(others.end(), run.get());
    KJ_DEFER(others.erase(place));
    co_await run->run();
  }
  Task<void> describeHost(DescribeContext context);
  template <typename Visit>
  void forHosts(const std::string& poolKey, Visit visit);
  Task<void> drainWithin(kj::Duration grace);
  void stopEverything();
  void taskFailed(kj::Exception&& exception) override;

  Loop loop_;
  pool::Pool pool_;
  bool draining_ = false;
  uint64_t commandsDone_ = 0;
  std::list<CommandRun*> running_;
  TransferCommons transfers_;
  std::list<TransferRun*> moving_;
  std::list<ListingRun*> listing_;
  kj::TaskSet tasks_;                         // after the pool, as it uses it
  kj::Maybe<kj::ForkedPromise<void>> ended_;  // all of them, once it drains
};

}  // namespace cbs::engine
