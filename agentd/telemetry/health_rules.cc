#include "agentd/telemetry/health_rules.h"

namespace cbs::telemetry {
namespace {

struct Limit {
  uint64_t begin;  // of the condition
  uint64_t end;
  uint64_t at(bool already) const { return already ? end : begin; }
};

// From four fifths on there is still time to do something.
constexpr Limit kNearlyPercent = {80, 75};
// A command takes about 3 ms; when one turn in a hundred takes this long, people notice.
constexpr Limit kBadLagUs = {50'000, 40'000};
constexpr Limit kFreePercent = {5, 6};
constexpr Limit kFreeBytes = {uint64_t{100} << 20, uint64_t{120} << 20};
// From three quarters on the daemon forgets old output by itself.
constexpr Limit kOutputPercent = {90, 80};

bool reaches(uint64_t used, uint64_t limit, uint64_t percent) { return limit > 0 && used * 100 >= limit * percent; }

}  // namespace

bool diskNearlyFull(const HealthFigures& figures, bool already) {
  auto [free, size] = figures.disk;
  return size > 0 && (free < kFreeBytes.at(already) || free * 100 < size * kFreePercent.at(already));
}

bool outputNearlyFull(const HealthFigures& figures, bool already) {
  return reaches(figures.jobOutputBytes, figures.maxJobOutputBytes, kOutputPercent.at(already));
}

bool holds(HealthCode code, const HealthSigns& signs, bool already) {
  const HealthFigures& figures = signs.now;
  auto nearly = [already](uint64_t used, uint64_t limit) { return reaches(used, limit, kNearlyPercent.at(already)); };
  switch (code) {
    case HealthCode::DRAINING:
      return figures.draining;
    case HealthCode::DESCRIPTORS_NEARLY_USED:
      return nearly(figures.openDescriptors, figures.maxDescriptors);
    case HealthCode::QUEUE_NEARLY_FULL:
      return nearly(figures.queueDepth, figures.queueCapacity);
    case HealthCode::QUEUE_REJECTING:
      return signs.rejectedLately > 0 && !figures.draining;
    case HealthCode::POOL_NEARLY_FULL:
      return nearly(figures.connections, figures.maxConnections);
    case HealthCode::LOOP_LAG:
      return figures.loopLagP99Us >= kBadLagUs.at(already);
    case HealthCode::BREAKERS_OPEN:
      return figures.breakersOpen > 0;
    case HealthCode::JOURNAL_NEARLY_FULL:
      return diskNearlyFull(figures, already) || outputNearlyFull(figures, already);
    case HealthCode::JOURNAL_UNAVAILABLE:
      return !figures.journalFault.empty();
    case HealthCode::KEYS_MISSING:
      return signs.keyFailuresLately.sum() > 0;
    case HealthCode::CLOCK_JUMPED:
      return signs.clockJump.has_value();
    case HealthCode::HTTP_UNAVAILABLE:
      return !figures.httpFault.empty();
    case HealthCode::LOG_UNAVAILABLE:
      return !figures.logFault.empty();
    case HealthCode::AUDIT_UNAVAILABLE:
      return !figures.auditFault.empty();
  }
  return false;
}

}  // namespace cbs::telemetry
