#include "agentd/rpc/report.h"

#include "agentd/rpc/door.h"
#include "agentd/telemetry/process_stats.h"

#include <kj/time.h>

namespace cbs::rpc {
namespace {

void reportQueue(const queue::QueueFigures& figures, schema::Stats::QueueStats::Builder to) {
  to.setActive(figures.active);
  to.setDepth(figures.depth);
  to.setAccepted(figures.accepted);
  to.setRejected(figures.rejected);
  to.setExpired(figures.expired);
  to.setLanes(figures.lanes);
}

void reportJobs(const queue::JobFigures& figures, schema::Stats::QueueStats::Builder to) {
  to.setJobsWaiting(figures.waiting);
  to.setJobsRunning(figures.running);
  to.setJobsEnded(figures.ended);
  to.setJobsRejected(figures.rejected);
}

void reportProcess(const telemetry::LoopLag& lag, schema::Stats::ProcessStats::Builder to) {
  auto process = telemetry::readProcessStats();
  to.setResidentBytes(process.residentBytes);
  to.setCpuMs(process.cpuMs);
  to.setOpenDescriptors(process.openDescriptors);
  to.setMaxDescriptors(process.maxDescriptors);
  to.setThreads(process.threads);
  to.setLoopLagP99Us(lag.p99Us());
  to.setLoopLagMaxUs(lag.maxUs());
}

void reportLatency(const telemetry::LatencyHistogram& times, schema::Stats::LatencyStats::Builder to) {
  to.setCount(times.count());
  to.setP50Us(times.percentile(0.5));
  to.setP90Us(times.percentile(0.9));
  to.setP99Us(times.percentile(0.99));
}

void reportLimits(const Config& config, schema::Stats::Limits::Builder to) {
  to.setMaxConnections(config.ssh.maxConnectionsPerInstance);
  to.setMaxConnectionsPerHost(config.ssh.maxConnectionsPerHost);
  to.setCorePoolSize(config.command.corePoolSize);
  to.setMaxPoolSize(config.command.maxPoolSize);
  to.setQueueCapacity(config.command.queueCapacity);
  to.setProfile(config.profile.c_str());
}

telemetry::HealthFigures healthFigures(Services& services, schema::EngineStats::Reader engine) {
  auto process = telemetry::readProcessStats();
  telemetry::HealthFigures figures;
  figures.openDescriptors = process.openDescriptors;
  figures.maxDescriptors = process.maxDescriptors;
  figures.queueDepth = services.queue.figures().depth;
  figures.queueCapacity = services.config.command.queueCapacity;
  figures.connections = engine.getConnectionsActive() + engine.getConnectionsIdle() + engine.getConnectionsConnecting();
  figures.maxConnections = services.config.ssh.maxConnectionsPerInstance;
  figures.loopLagP99Us = services.vitals.loopLag.p99Us();
  figures.breakersOpen = engine.getBreakersOpen();
  figures.draining = services.queue.draining();
  figures.journalFault = services.jobs.fault();
  return figures;
}

uint64_t timeOfDayMs() {
  auto sinceEpoch = kj::systemPreciseCalendarClock().now() - kj::UNIX_EPOCH;
  return static_cast<uint64_t>(sinceEpoch / kj::MILLISECONDS);
}

}  // namespace

void reportStats(Services& services, schema::EngineStats::Reader engine, schema::Stats::Builder to) {
  introduce(to.initDaemon());
  auto uptime = services.loop.timer.now() - services.vitals.startedAt;
  to.setUptimeMs(static_cast<uint64_t>(uptime / kj::MILLISECONDS));
  to.setEngine(engine);
  reportQueue(services.queue.figures(), to.initQueue());
  reportJobs(services.jobs.figures(), to.getQueue());
  reportProcess(services.vitals.loopLag, to.initProcess());
  to.setCallers(static_cast<uint32_t>(services.callers()));
  reportLatency(services.work.commandTimes(), to.initLatency());
  reportLimits(services.config, to.initLimits());
}

void reportHealth(Services& services, schema::EngineStats::Reader engine, schema::Health::Builder to) {
  const auto& conditions = services.vitals.health.update(healthFigures(services, engine), timeOfDayMs());
  to.setStatus(telemetry::worst(conditions));
  auto list = to.initConditions(static_cast<unsigned>(conditions.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setCode({conditions[i].code.data(), conditions[i].code.size()});
    list[i].setSeverity(conditions[i].severity);
    list[i].setText(conditions[i].text.c_str());
    list[i].setSinceMs(conditions[i].sinceMs);
  }
}

void reportChanges(const std::vector<ConfigChange>& changes, capnp::List<schema::Change>::Builder to) {
  for (unsigned i = 0; i < to.size(); ++i) {
    to[i].setKey(changes[i].key.c_str());
    to[i].setBefore(changes[i].before.c_str());
    to[i].setAfter(changes[i].after.c_str());
    to[i].setAtRestart(changes[i].atRestart);
  }
}

void reportFaults(const std::vector<ConfigFault>& faults, capnp::List<schema::ConfigFault>::Builder to) {
  for (unsigned i = 0; i < to.size(); ++i) {
    to[i].setFile(faults[i].file.c_str());
    to[i].setLine(faults[i].line);
    to[i].setColumn(faults[i].column);
    to[i].setKey(faults[i].key.c_str());
    to[i].setText(faults[i].text.c_str());
  }
}

}  // namespace cbs::rpc
