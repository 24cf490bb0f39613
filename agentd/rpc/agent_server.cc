#include "agentd/rpc/agent_server.h"

#include "agentd/rpc/fan_out_request.h"
#include "agentd/rpc/fan_out_server.h"
#include "agentd/rpc/health_report.h"
#include "agentd/rpc/queued_command.h"
#include "agentd/rpc/queued_listing.h"
#include "agentd/rpc/queued_transfer.h"
#include "agentd/rpc/report.h"
#include "agentd/telemetry/log.h"

#include <algorithm>

namespace cbs::rpc {
namespace {

constexpr uint64_t kLongestGraceMs = 24 * 3'600'000;

// More than anybody reads, and not so many that telling them stalls the loop.
constexpr uint32_t kMostBreakersTold = 100;

kj::Duration graceOf(uint64_t milliseconds) {
  return static_cast<int64_t>(std::min(milliseconds, kLongestGraceMs)) * kj::MILLISECONDS;
}

}  // namespace

void AgentServer::noteControl(const char* action, std::string_view target, std::string_view value) {
  telemetry::log(telemetry::Category::CALLERS)
      .info(action, {{"caller", caller_.key}, {"pid", caller_.pid}, {"target", target}, {"value", value}});
  if (!services_.audit.on()) return;
  services_.audit.add(action, caller_, AuditLog::fieldsOf({{"kind", "control"}, {"target", target}, {"value", value}}));
}

kj::Promise<void> AgentServer::exec(ExecContext context) {
  auto params = context.getParams();
  context.getResults().setCommand(
      kj::heap<QueuedCommand>(services_, caller_, params.getRequest(), params.getOutput(), services_.queue));
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
  context.getResults().setTransfer(
      kj::heap<QueuedTransfer>(services_, caller_, request, params.getObserver(), services_.queue));
  return kj::READY_NOW;
}

kj::Promise<void> AgentServer::list(ListContext context) {
  auto params = context.getParams();
  context.getResults().setListing(
      kj::heap<QueuedListing>(services_, caller_, params.getRequest(), params.getObserver()));
  return kj::READY_NOW;
}

kj::Promise<void> AgentServer::fanOut(FanOutContext context) {
  auto params = context.getParams();
  requireSense(params.getRequest());
  context.getResults().setFanOut(kj::heap<FanOutServer>(services_, caller_, params.getRequest(), params.getObserver()));
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

kj::Promise<void> AgentServer::details(DetailsContext context) { return fillDetails(context); }

Task<void> AgentServer::fillDetails(DetailsContext context) {
  auto asked = services_.engine.breakersRequest();
  asked.setLimit(kMostBreakersTold);
  auto breakers = co_await asked.send();
  auto engine = co_await services_.engine.statsRequest().send();
  reportDetails(services_, engine.getStats(), breakers, context.getResults().initDetails());
}

kj::Promise<void> AgentServer::stop(StopContext context) {
  noteControl("stop");
  services_.stop(graceOf(context.getParams().getGraceMs()));
  return kj::READY_NOW;
}

kj::Promise<void> AgentServer::drain(DrainContext context) {
  noteControl("drain");
  services_.drain(graceOf(context.getParams().getLimitMs()));
  return kj::READY_NOW;
}

kj::Promise<void> AgentServer::replace(ReplaceContext context) { return replaceDaemon(context); }

Task<void> AgentServer::replaceDaemon(ReplaceContext context) {
  noteControl("replace");
  auto pid = co_await services_.replace();
  auto results = context.getResults();
  if (!pid) co_return encode(pid.error(), results.initError());
  results.setPid(static_cast<uint32_t>(*pid));
}

kj::Promise<void> AgentServer::reload(ReloadContext context) {
  noteControl("reload");
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
