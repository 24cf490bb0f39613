// Serves schema::Agent to one caller.
#pragma once

#include "agentd/rpc/services.h"
#include "common/task.h"
#include "schema/agent.capnp.h"

namespace cbs::rpc {

class AgentServer final : public schema::Agent::Server {
 public:
  // `services` outlive it.
  explicit AgentServer(Services& services) : services_(services) {}

  kj::Promise<void> exec(ExecContext context) override;
  kj::Promise<void> upload(UploadContext context) override;
  kj::Promise<void> download(DownloadContext context) override;
  kj::Promise<void> stats(StatsContext context) override;
  kj::Promise<void> connections(ConnectionsContext context) override;
  kj::Promise<void> health(HealthContext context) override;
  kj::Promise<void> stop(StopContext context) override;

 private:
  Task<void> fillStats(StatsContext context);
  Task<void> fillConnections(ConnectionsContext context);
  Task<void> fillHealth(HealthContext context);

  Services& services_;
};

}  // namespace cbs::rpc
