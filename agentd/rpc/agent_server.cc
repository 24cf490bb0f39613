#include "agentd/rpc/agent_server.h"

#include "agentd/rpc/queued_command.h"
#include "agentd/rpc/queued_listing.h"
#include "agentd/rpc/queued_transfer.h"
#include "agentd/rpc/report.h"

#include <algorithm>

namespace cbs::rpc {
namespace {

constexpr uint64_t kLongestGraceMs = 24 * 3'600'000;

kj::Duration graceOf(uint64_t milliseconds) {
  return static_cast<int64_t>(std::min(milliseconds, kLongestGraceMs)) * kj::MILLISECONDS;
}

}  // namespace

kj::Promise<void> AgentServer::exec(ExecContext context) {
  auto params = context.getParams();
  context.getResults().setCommand(kj::heap<QueuedCommand>(services_, caller_, params.getRequest(), params.getOutput()));
  return kj::READY_NOW;
}

kj::Promise<void> AgentServer::transfer(TransferContext context) {
  auto params = context.getParams();
  auto request = params.getRequest();
  if (!request.getFrom().isHost() && !request.getTo().isHost()) {
    auto refusal = params.getObserver().finishedRequest();
    encode(Error{ErrorKind::USAGE, Reason::BAD_REQUEST, "one side has to be on a host"},
           refusal.initResult().initError());
    return refusal.send().ignoreResult();
  }
  context.getResults().setTransfer(kj::heap<QueuedTransfer>(services_, caller_, request, params.getObserver()));
  return kj::READY_NOW;
}

kj::Promise<void> AgentServer::list(ListContext context) {
  auto params = context.getParams();
  context.getResults().setListing(
      kj::heap<QueuedListing>(services_, caller_, params.getRequest(), params.getObserver()));
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
  services_.stop(graceOf(context.getParams().getGraceMs()));
  return kj::READY_NOW;
}

kj::Promise<void> AgentServer::drain(DrainContext context) {
  services_.drain(graceOf(context.getParams().getLimitMs()));
  return kj::READY_NOW;
}

kj::Promise<void> AgentServer::reload(ReloadContext context) {
  auto reloaded = services_.reload();
  auto results = context.getResults();
  if (reloaded) {
    reportChanges(*reloaded, results.initChanges(static_cast<unsigned>(reloaded->size())));
  } else {
    reportFaults(reloaded.error(), results.initFaults(static_cast<unsigned>(reloaded.error().size())));
  }
  return kj::READY_NOW;
}

}  // namespace cbs::rpc
