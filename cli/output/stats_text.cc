#include "cli/output/stats_text.h"

#include "cli/output/printable.h"
#include "cli/output/table.h"
#include "common/duration.h"
#include "common/error.h"

#include <utility>

namespace cbs::cli {
namespace {

std::string us(uint64_t microseconds) { return durationText(microseconds * kj::MICROSECONDS); }

// "3 active": a figure and its word.
template <typename Number>
std::string of(Number number, const char* word) {
  return std::to_string(number) + " " + word;
}

std::string connections(schema::EngineStats::Reader engine, schema::Stats::Limits::Reader limits) {
  std::string text = of(engine.getConnectionsActive(), "active") + ", " + of(engine.getConnectionsIdle(), "idle") +
                     ", " + of(engine.getConnectionsConnecting(), "connecting");
  if (limits.getMaxConnections() > 0) {
    text += " (at most " + std::to_string(limits.getMaxConnections()) + ", " +
            of(limits.getMaxConnectionsPerHost(), "per host)");
  }
  return text;
}

std::string queue(schema::Stats::QueueStats::Reader queue, schema::Stats::Limits::Reader limits) {
  return of(queue.getActive(), "at work in") + " " + of(queue.getLanes(), "lanes, ") + of(queue.getDepth(), "waiting") +
         " of " + std::to_string(limits.getQueueCapacity());
}

std::string fanOuts(schema::Stats::QueueStats::Reader queue) {
  return of(queue.getFanOuts(), "running; hosts: ") + of(queue.getFanOutHostsRunning(), "running, ") +
         of(queue.getFanOutHostsWaiting(), "waiting, ") + of(queue.getFanOutHostsEnded(), "ended");
}

std::string latency(schema::Stats::LatencyStats::Reader latency) {
  if (latency.getCount() == 0) return "no command yet";
  return us(latency.getP50Us()) + " median, " + us(latency.getP90Us()) + " p90, " + us(latency.getP99Us()) + " p99";
}

std::string waits(schema::EngineStats::Durations::Reader times) {
  if (times.getCount() == 0) return "none for a lane yet";
  return us(times.getP50Us()) + " median, " + us(times.getP90Us()) + " p90, " + us(times.getP99Us()) + " p99";
}

std::string logins(schema::EngineStats::Phases::Reader phases) {
  std::string text;
  auto add = [&](const char* phase, schema::EngineStats::Durations::Reader times) {
    if (times.getCount() > 0) text += (text.empty() ? "" : ", ") + std::string(phase) + " " + us(times.getP50Us());
  };
  add("resolve", phases.getResolve());
  add("connect", phases.getConnect());
  add("handshake", phases.getHandshake());
  add("authenticate", phases.getAuthenticate());
  add("open a channel", phases.getOpen());
  return text.empty() ? "none yet" : text + " (medians)";
}

std::string outcomes(capnp::List<schema::Stats::OutcomeCount>::Reader counts) {
  std::string text;
  for (auto count : counts) {
    if (count.getCount() == 0) continue;
    text += (text.empty() ? "" : ", ") + of(count.getCount(), printable(count.getOutcome().cStr()).c_str());
  }
  return text.empty() ? "none yet" : text;
}

// `degraded: two breakers are open [breakersOpen]. Next: cbsession explain web1`
std::string conditionText(schema::Health::Condition::Reader condition) {
  bool down = condition.getSeverity() == schema::Health::Status::DOWN;
  std::string text = std::string(down ? "down: " : "degraded: ") + printable(condition.getText().cStr()) + " [" +
                     printable(condition.getCode().cStr()) + "]";
  std::string next = printable(condition.getNext().cStr());
  return next.empty() ? text : text + ". Next: " + next;
}

std::string failures(schema::EngineStats::Reader engine) {
  std::string text;
  for (auto failure : engine.getFailures()) {
    if (failure.getCount() == 0) continue;
    text += (text.empty() ? "" : ", ") + of(failure.getCount(), std::string(nameOf(failure.getReason())).c_str());
  }
  return text.empty() ? "none" : text;
}

std::string process(schema::Stats::ProcessStats::Reader process) {
  return byteText(process.getResidentBytes()) + " resident, " + durationText(process.getCpuMs() * kj::MILLISECONDS) +
         " CPU, " + std::to_string(process.getOpenDescriptors()) + " of " +
         of(process.getMaxDescriptors(), "descriptors");
}

}  // namespace

std::string statsText(schema::Stats::Reader stats) {
  auto engine = stats.getEngine();
  auto queued = stats.getQueue();
  auto limits = stats.getLimits();
  auto daemon = stats.getDaemon();
  Table table({{""}, {""}});
  table.add({"daemon", std::string("version ") + daemon.getVersion().cStr() + ", pid " +
                           std::to_string(daemon.getPid()) + ", up " +
                           durationText(stats.getUptimeMs() * kj::MILLISECONDS) + ", profile " +
                           limits.getProfile().cStr()});
  table.add({"callers", std::to_string(stats.getCallers())});
  table.add({"connections", connections(engine, limits)});
  table.add({"", of(engine.getCreated(), "made, ") + of(engine.getReused(), "times reused, ") +
                     of(engine.getClosed(), "closed")});
  table.add({"waiting", of(engine.getWaiting(), "for a connection")});
  table.add({"commands", of(engine.getCommandsRunning(), "running, ") + of(engine.getCommandsDone(), "done")});
  table.add({"queue", queue(queued, limits)});
  table.add({"", of(queued.getAccepted(), "accepted, ") + of(queued.getRejected(), "rejected, ") +
                     of(queued.getExpired(), "expired")});
  table.add({"waits", waits(stats.getQueueWaits())});
  table.add({"jobs", of(queued.getJobsWaiting(), "waiting, ") + of(queued.getJobsRunning(), "running, ") +
                         of(queued.getJobsEnded(), "ended, ") + of(queued.getJobsRejected(), "rejected")});
  if (queued.getFanOuts() > 0 || queued.getFanOutHostsEnded() > 0) table.add({"fan-outs", fanOuts(queued)});
  table.add({"latency", latency(stats.getLatency())});
  table.add({"outcomes", outcomes(stats.getOutcomes())});
  table.add({"logins", logins(engine.getPhases())});
  table.add({"transfers", of(engine.getTransfersRunning(), "running, ") + byteText(engine.getUploadBytes()) + " up, " +
                              byteText(engine.getDownloadBytes()) + " down"});
  table.add({"failures", failures(engine)});
  table.add({"breakers", of(engine.getBreakersOpen(), "open, ") + of(engine.getBreakersHalfOpen(), "half-open")});
  table.add({"process", process(stats.getProcess())});
  table.add({"event loop", "lag " + us(stats.getProcess().getLoopLagP99Us()) + " p99, " +
                               us(stats.getProcess().getLoopLagMaxUs()) + " at most"});
  std::string heading = "health";
  for (auto condition : stats.getConditions()) {
    table.add({std::exchange(heading, ""), conditionText(condition)});
  }
  return table.text();
}

}  // namespace cbs::cli
