#include "agentd/rpc/report.h"

#include "agentd/rpc/door.h"
#include "agentd/rpc/health_report.h"
#include "agentd/telemetry/durations.h"
#include "agentd/telemetry/process_stats.h"

#include <kj/time.h>

#include <map>

namespace cbs::rpc {
namespace {

// What queues and the keeper of jobs refuse work for; zeros are told as well.
std::map<Reason, uint64_t> noRejections() {
  return {{Reason::QUEUE_FULL, 0},
          {Reason::DRAINING, 0},
          {Reason::JOURNAL_UNAVAILABLE, 0},
          {Reason::JOB_NOT_FOUND, 0},
          {Reason::IDEMPOTENCY_KEY_TAKEN, 0}};
}

void reportRejections(const queue::QueueFigures& commands, const queue::JobFigures& jobs,
                      schema::Stats::QueueStats::Builder to) {
  auto counts = noRejections();
  for (const auto* some : {&commands.rejections, &jobs.rejections}) {
    for (const auto& [reason, count] : *some) counts[reason] += count;
  }
  auto list = to.initRejections(static_cast<unsigned>(counts.size()));
  unsigned i = 0;
  for (const auto& [reason, count] : counts) {
    list[i].setReason(reason);
    list[i++].setCount(count);
  }
}

void reportQueue(Services& services, schema::Stats::QueueStats::Builder to) {
  const auto commands = services.queue.figures();
  to.setActive(commands.active);
  to.setDepth(commands.depth);
  to.setAccepted(commands.accepted);
  to.setRejected(commands.rejected);
  to.setExpired(commands.expired);
  to.setLanes(commands.lanes);
  const auto jobs = services.jobs.figures();
  to.setJobsWaiting(jobs.waiting);
  to.setJobsRunning(jobs.running);
  to.setJobsEnded(jobs.ended);
  to.setJobsRejected(jobs.rejected);
  const auto fanOuts = services.fanOuts.figures();
  to.setFanOuts(fanOuts.underWay);
  to.setFanOutHostsRunning(services.fanOutQueue.figures().active);
  to.setFanOutHostsWaiting(fanOuts.hostsWaiting);
  to.setFanOutHostsEnded(fanOuts.hostsEnded);
  reportRejections(commands, jobs, to);
}

void reportOutcomes(const WorkLog& work, schema::Stats::Builder to) {
  auto list = to.initOutcomes(kFates.size());
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setOutcome({kFates[i].data(), kFates[i].size()});
    list[i].setCount(work.count(static_cast<Fate>(i)));
  }
}

void reportProcess(const telemetry::LoopLag& lag, schema::Stats::ProcessStats::Builder to) {
  auto process = telemetry::readProcessStats();
  to.setStartedMs(process.startedMs);
  to.setResidentBytes(process.residentBytes);
  to.setVirtualBytes(process.virtualBytes);
  to.setHeapBytes(process.heapBytes);
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

template <typename Builder>
void reportConditions(const std::vector<telemetry::Condition>& conditions, Builder to) {
  encode(conditions, to.initConditions(static_cast<unsigned>(conditions.size())));
}

uint64_t uptimeMs(Services& services) {
  auto uptime = services.loop.timer.now() - services.vitals.startedAt;
  return static_cast<uint64_t>(uptime / kj::MILLISECONDS);
}

}  // namespace

void reportStats(Services& services, schema::EngineStats::Reader engine, schema::Stats::Builder to) {
  introduce(to.initDaemon());
  to.setUptimeMs(uptimeMs(services));
  to.setEngine(engine);
  reportQueue(services, to.initQueue());
  reportProcess(services.vitals.loopLag, to.initProcess());
  to.setCallers(static_cast<uint32_t>(services.callers()));
  reportLatency(services.work.commandTimes(), to.initLatency());
  encode(services.work.commandTimes(), to.initCommandTimes());
  encode(services.work.queueWaits(), to.initQueueWaits());
  reportOutcomes(services.work, to);
  reportLimits(services.config, to.initLimits());
  reportConditions(judgeHealth(services, engine), to);
}

void reportDetails(Services& services, schema::EngineStats::Reader engine,
                   schema::Engine::BreakersResults::Reader breakers, schema::HealthDetails::Builder to) {
  const auto& conditions = judgeHealth(services, engine);
  to.setStatus(telemetry::worst(conditions));
  reportConditions(conditions, to);
  to.setPool(engine);
  reportQueue(services, to.initQueue());
  reportProcess(services.vitals.loopLag, to.initProcess());
  reportLimits(services.config, to.initLimits());
  to.setBreakers(breakers.getBreakers());
  to.setBreakersLeftOut(breakers.getMore());
  introduce(to.initDaemon());
  to.setUptimeMs(uptimeMs(services));
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
