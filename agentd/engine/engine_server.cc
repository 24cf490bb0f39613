#include "agentd/engine/engine_server.h"

#include "agentd/engine/breaker_report.h"
#include "agentd/engine/command_server.h"
#include "agentd/engine/connection_report.h"
#include "agentd/engine/host_access.h"
#include "agentd/engine/host_figures.h"
#include "agentd/engine/limits.h"
#include "agentd/engine/pool_log.h"
#include "agentd/telemetry/durations.h"
#include "common/deadline.h"

#include <kj/debug.h>

namespace cbs::engine {
namespace {

// After the grace period commands are stopped, which takes at most TERM, KILL and the farewell; so are transfers, which
// takes less.
constexpr kj::Duration kStopping = 4 * kj::SECONDS;

// What a person who asks for an explanation waits for the resolver.
constexpr kj::Duration kResolving = 5 * kj::SECONDS;

// What an answer takes that is nothing more; by itself it would have 8 KiB.
constexpr capnp::MessageSize kJustACapability{4, 1};

Error lateResolver() {
  return {ErrorKind::UNREACHABLE, Reason::NAME_NOT_FOUND, "the resolver did not answer in five seconds"};
}

void reportTransfers(const TransferStats& transfers, schema::EngineStats::Builder to) {
  to.setUploadBytes(transfers.uploadBytes);
  to.setDownloadBytes(transfers.downloadBytes);
  encode(transfers.uploads, to.initUploads());
  encode(transfers.downloads, to.initDownloads());
  encode(transfers.listings, to.initListings());
}

// Tells a sink that its command was not sent.
kj::Promise<void> refuse(schema::OutputSink::Client output, const Error& error) {
  Outcome outcome;
  outcome.error = error;
  auto request = output.finishedRequest();
  encode(outcome, request.initOutcome());
  return request.send().ignoreResult();
}

}  // namespace

EngineServer::EngineServer(Loop loop, pool::PoolLimits limits)
    : loop_(loop), pool_(loop, kj::mv(limits), newPoolLog()), transfers_(loop, pool_), tasks_(*this) {}

kj::Promise<void> EngineServer::exec(ExecContext context) {
  auto params = context.getParams();
  auto plan = planCommand(params.getSpec());
  if (plan && draining_) plan = fail(ErrorKind::OVERLOADED, Reason::DRAINING, "the daemon is stopping");
  if (!plan) return refuse(params.getOutput(), plan.error());
  plan->idempotent = params.getIdempotent();
  plan->retries = params.getRetries();
  plan->announceStart = params.getAnnounceStart();
  for (auto variable : params.getEnvironment()) {
    auto name = variable.getName().asChars(), value = variable.getValue().asChars();
    plan->sentVariables.emplace_back(std::string(name.begin(), name.size()), std::string(value.begin(), value.size()));
  }
  auto access = hostAccessOf(params, params.getId().cStr());
  auto run = kj::refcounted<CommandRun>(loop_, pool_, kj::mv(access), kj::mv(*plan), params.getOutput());
  context.getResults(kJustACapability).setCommand(kj::heap<CommandServer>(kj::addRef(*run)));
  tasks_.add(execute(kj::mv(run)));
  return kj::READY_NOW;
}

Task<void> EngineServer::execute(kj::Own<CommandRun> run) {
  auto place = running_.insert(running_.end(), run.get());
  transfer::GivingWay::Command ahead(transfers_.commands);
  KJ_DEFER({
    running_.erase(place);
    ++commandsDone_;
  });
  co_await run->run();
}

kj::Promise<void> EngineServer::stats(StatsContext context) {
  reportStats(pool_, loop_.timer.now(), context.getResults().initStats());
  auto stats = context.getResults().getStats();
  stats.setCommandsRunning(static_cast<uint32_t>(running_.size()));
  stats.setCommandsDone(commandsDone_);
  for (TransferRun* run : moving_) run->countBytes();
  reportTransfers(transfers_.stats, stats);
  stats.setTransfersRunning(static_cast<uint32_t>(moving_.size()));
  return kj::READY_NOW;
}

kj::Promise<void> EngineServer::connections(ConnectionsContext context) {
  reportConnections(pool_, loop_.timer.now(), context.getResults());
  return kj::READY_NOW;
}

kj::Promise<void> EngineServer::hosts(HostsContext context) {
  listHosts(pool_, context.getParams().getLimit(), context.getResults());
  return kj::READY_NOW;
}

kj::Promise<void> EngineServer::breakers(BreakersContext context) {
  listBreakers(pool_, loop_.timer.now(), context.getParams().getLimit(), context.getResults());
  return kj::READY_NOW;
}

kj::Promise<void> EngineServer::drain(DrainContext context) {
  draining_ = true;
  return drainWithin(static_cast<int64_t>(context.getParams().getGraceMs()) * kj::MILLISECONDS);
}

kj::Promise<void> EngineServer::configure(ConfigureContext context) {
  pool_.setLimits(decode(context.getParams().getLimits()));
  return kj::READY_NOW;
}

// One host, or all if the key is empty.
template <typename Visit>
void EngineServer::forHosts(const std::string& poolKey, Visit visit) {
  if (poolKey.empty()) return pool_.forEachHost(visit);
  if (auto* host = pool_.find(poolKey)) visit(*host);
}

kj::Promise<void> EngineServer::disconnect(DisconnectContext context) {
  auto params = context.getParams();
  pool::HostPool::Disconnected sum;
  forHosts(params.getPoolKey(), [&](pool::HostPool& host) {
    auto disconnected = host.disconnect(params.getNow());
    sum.closed += disconnected.closed;
    sum.leaving += disconnected.leaving;
  });
  context.getResults().setClosed(sum.closed);
  context.getResults().setLeaving(sum.leaving);
  return kj::READY_NOW;
}

kj::Promise<void> EngineServer::resetBreakers(ResetBreakersContext context) {
  uint32_t hosts = 0;
  forHosts(context.getParams().getPoolKey(), [&](pool::HostPool& host) { hosts += host.resetBreakers() ? 1 : 0; });
  context.getResults().setHosts(hosts);
  return kj::READY_NOW;
}

Task<void> EngineServer::describeHost(DescribeContext context) {
  auto host = context.getParams().getHost();
  auto report = context.getResults().initReport();
  bool lookedUpElsewhere = host.getProxyJump().size() > 0 || host.getProxyCommand().size() > 0;
  if (lookedUpElsewhere) co_return reportHost(pool_, host, loop_.timer.now(), report);
  auto addresses = co_await within(loop_.timer, kResolving, lateResolver(),
                                   ssh::resolve(loop_, transportOf(host), pool_.mayLookUp()));
  reportAddresses(addresses, report);
  reportHost(pool_, host, loop_.timer.now(), report);
}

Task<void> EngineServer::drainWithin(kj::Duration grace) {
  if (ended_ == nullptr) ended_ = tasks_.onEmpty().fork();
  auto& ended = KJ_ASSERT_NONNULL(ended_);
  co_await ended.addBranch().exclusiveJoin(loop_.timer.afterDelay(grace));
  stopEverything();
  co_await ended.addBranch().exclusiveJoin(loop_.timer.afterDelay(kStopping));
}

void EngineServer::stopEverything() {
  const Error why{ErrorKind::CANCELLED, Reason::DAEMON_STOPPING, "the daemon is stopping"};
  for (CommandRun* run : running_) run->stop(why);
  for (TransferRun* run : moving_) run->stop(why);
  for (ListingRun* run : listing_) run->stop(why);
}

void EngineServer::taskFailed(kj::Exception&& exception) {
  KJ_LOG(ERROR, "a command or transfer ended abnormally", exception);
}

}  // namespace cbs::engine
