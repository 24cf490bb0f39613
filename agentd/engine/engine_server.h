// Serves schema/engine.capnp with a pool of this process's own.
#pragma once

#include "agentd/engine/command_run.h"
#include "agentd/engine/transfer_run.h"
#include "agentd/pool/pool.h"
#include "schema/engine.capnp.h"

namespace cbs::engine {

class EngineServer final : public schema::Engine::Server, private kj::TaskSet::ErrorHandler {
 public:
  EngineServer(Loop loop, pool::PoolLimits limits);

  kj::Promise<void> exec(ExecContext context) override;
  kj::Promise<void> upload(UploadContext context) override;
  kj::Promise<void> download(DownloadContext context) override;
  kj::Promise<void> stats(StatsContext context) override;
  kj::Promise<void> connections(ConnectionsContext context) override;
  kj::Promise<void> drain(DrainContext context) override;
  kj::Promise<void> configure(ConfigureContext context) override;
  kj::Promise<void> disconnect(DisconnectContext context) override;
  kj::Promise<void> resetBreakers(ResetBreakersContext context) override;
  kj::Promise<void> describe(DescribeContext context) override { return describeHost(kj::mv(context)); }

 private:
  Task<void> execute(kj::Own<CommandRun> run);
  template <typename Params, typename Results>
  kj::Promise<void> beginTransfer(Direction direction, Params params, schema::OpenFile::Client file, Results results,
                                  uint64_t& sum);
  Task<void> transfer(kj::Own<TransferRun> run);
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
  uint64_t uploadBytes_ = 0;
  uint64_t downloadBytes_ = 0;
  std::list<TransferRun*> transfers_;
  kj::TaskSet tasks_;                         // after the pool, as it uses it
  kj::Maybe<kj::ForkedPromise<void>> ended_;  // all of them, once it drains
};

}  // namespace cbs::engine
