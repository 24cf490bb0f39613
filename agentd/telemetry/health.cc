#include "agentd/telemetry/health.h"

#include <algorithm>

namespace cbs::telemetry {
namespace {

// From four fifths on there is still time to do something.
constexpr uint64_t kNearlyPercent = 80;
// A command takes about 3 ms; when one turn in a hundred takes this long, people notice.
constexpr uint64_t kBadLagUs = 50'000;

bool nearly(uint64_t used, uint64_t limit) { return limit > 0 && used * 100 >= limit * kNearlyPercent; }

std::string of(uint64_t used, uint64_t limit) { return std::to_string(used) + " of " + std::to_string(limit); }

std::string descriptorsText(const HealthFigures& figures) {
  return of(figures.openDescriptors, figures.maxDescriptors) +
         " file descriptors are in use; raise the limit (ulimit -n, LimitNOFILE=) and restart the daemon";
}

std::string queueText(const HealthFigures& figures) {
  return of(figures.queueDepth, figures.queueCapacity) +
         " places in the queue are taken; send less at once, or raise core_pool_size or queue_capacity";
}

std::string poolText(const HealthFigures& figures) {
  return of(figures.connections, figures.maxConnections) +
         " connections are open; raise max_connections_per_instance, or lower connection_idle_timeout_ms";
}

std::string lagText(const HealthFigures& figures) {
  return "the event loop answers up to " + std::to_string(figures.loopLagP99Us / 1000) +
         " ms late; give the daemon more CPU, or look for a slow file system";
}

std::string breakersText(const HealthFigures& figures) {
  std::string subject = figures.breakersOpen == 1 ? "1 host is" : std::to_string(figures.breakersOpen) + " hosts are";
  return subject + " left alone for a while after failed connections; `cbsession explain TARGET` tells why";
}

std::string journalText(const HealthFigures& figures) {
  return "jobs can be neither taken nor run, as their journal cannot be opened: " + figures.journalFault;
}

}  // namespace

std::vector<Condition> judge(const HealthFigures& figures) {
  std::vector<Condition> conditions;
  auto add = [&](bool holds, std::string_view code, Severity severity, auto text) {
    if (holds) conditions.push_back({code, severity, text(figures)});
  };
  add(figures.draining, "draining", Severity::DOWN,
      [](auto&) { return std::string("the daemon takes no new commands and ends when those that run have ended"); });
  add(nearly(figures.openDescriptors, figures.maxDescriptors), "descriptorsNearlyUsed", Severity::DEGRADED,
      descriptorsText);
  add(nearly(figures.queueDepth, figures.queueCapacity), "queueNearlyFull", Severity::DEGRADED, queueText);
  add(nearly(figures.connections, figures.maxConnections), "poolNearlyFull", Severity::DEGRADED, poolText);
  add(figures.loopLagP99Us >= kBadLagUs, "loopLag", Severity::DEGRADED, lagText);
  add(figures.breakersOpen > 0, "breakersOpen", Severity::DEGRADED, breakersText);
  add(!figures.journalFault.empty(), "journalUnavailable", Severity::DEGRADED, journalText);
  return conditions;
}

Severity worst(const std::vector<Condition>& conditions) {
  Severity result = Severity::HEALTHY;
  for (const Condition& condition : conditions) result = std::max(result, condition.severity);
  return result;
}

const std::vector<Condition>& Health::update(const HealthFigures& figures, uint64_t nowMs) {
  auto conditions = judge(figures);
  for (Condition& condition : conditions) {
    auto before = std::find_if(conditions_.begin(), conditions_.end(),
                               [&](const Condition& known) { return known.code == condition.code; });
    condition.sinceMs = before == conditions_.end() ? nowMs : before->sinceMs;
  }
  conditions_ = std::move(conditions);
  return conditions_;
}

}  // namespace cbs::telemetry
