#include "agentd/rpc/agent_server.h"

#include "agentd/rpc/queued_command.h"
#include "agentd/rpc/queued_transfer.h"
#include "agentd/rpc/report.h"

#include <algorithm>

namespace cbs::rpc {
namespace {

constexpr uint64_t kLongestGraceMs = 24 * 3'600'000;

}  // namespace

kj::Promise<void> AgentServer::exec(ExecContext context) {
  auto params = context.getParams();
  context.getResults().setCommand(kj::heap<QueuedCommand>(services_, params.getRequest(), params.getOutput()));
  return kj::READY_NOW;
}

kj::Promise<void> AgentServer::upload(UploadContext context) {
  auto params = context.getParams();
  context.getResults().setTransfer(kj::heap<QueuedTransfer>(
      services_, QueuedTransfer::Direction::UPLOAD, params.getRequest(), params.getSource(), params.getObserver()));
  return kj::READY_NOW;
}

kj::Promise<void> AgentServer::download(DownloadContext context) {
  auto params = context.getParams();
  context.getResults().setTransfer(kj::heap<QueuedTransfer>(services_, QueuedTransfer::Direction::DOWNLOAD,
                                                            params.getRequest(), params.getDestination(),
                                                            params.getObserver()));
  return kj::READY_NOW;
}

kj::Promise<void> AgentServer::stats(StatsContext context) { return fillStats(context); }

Task<void> AgentServer::fillStats(StatsContext context) {
  auto engine = co_await services_.engine.statsRequest().send();
  reportStats(services_, engine.getStats(), context.getResults().initStats());
}

kj::Promise<void> AgentServer::connections(ConnectionsContext context) { return fillConnections(context); }

Task<void> AgentServer::fillConnections(ConnectionsContext context) {
  auto engine = co_await services_.engine.connectionsRequest().send();
  context.getResults().setConnections(engine.getConnections());
}

kj::Promise<void> AgentServer::health(HealthContext context) { return fillHealth(context); }

Task<void> AgentServer::fillHealth(HealthContext context) {
  auto engine = co_await services_.engine.statsRequest().send();
  reportHealth(services_, engine.getStats(), context.getResults().initHealth());
}

kj::Promise<void> AgentServer::stop(StopContext context) {
  auto graceMs = std::min(context.getParams().getGraceMs(), kLongestGraceMs);
  services_.stop(static_cast<int64_t>(graceMs) * kj::MILLISECONDS);
  return kj::READY_NOW;
}

}  // namespace cbs::rpc
