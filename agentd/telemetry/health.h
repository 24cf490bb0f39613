// What is not in order with the daemon, as data that the CLI, HTTP and metrics read alike.
#pragma once

#include "agentd/telemetry/clock_watch.h"
#include "agentd/telemetry/health_codes.h"
#include "agentd/telemetry/health_figures.h"
#include "agentd/telemetry/recent_count.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::telemetry {

struct Condition {
  std::string_view code;  // a name of kHealthCodes
  Severity severity;
  std::string text;      // one sentence: what is
  std::string next;      // what to do about it
  uint64_t sinceMs = 0;  // time of day, in terms of the clock as it goes now
};

// The worst severity; HEALTHY without conditions.
Severity worst(const std::vector<Condition>& conditions);

// Knows what has happened lately, and since when each condition holds.
class Health {
 public:
  // Of which people should hear.
  struct News {
    std::vector<Condition> begun;
    std::vector<Condition> ended;  // and have not come back for ten seconds
  };

  // Judges anew. A condition that comes back within ten seconds holds since it came first, and is no news.
  News update(const HealthFigures& figures, Moment now);

  // As they were judged last, in the order of kHealthCodes.
  const std::vector<Condition>& conditions() const { return conditions_; }

 private:
  struct Known {
    Condition condition;
    bool holds;
    uint64_t endedBootMs;  // if it does not hold
  };

  HealthSigns signsOf(const HealthFigures& figures, Moment now);
  void shiftTimes(int64_t byMs);
  bool judge(HealthCode code, const HealthSigns& signs, Moment now);
  void forgetEnded(Moment now, News& news);

  RecentCount rejected_{kRejectionWindowMs};
  RecentCount noKey_{kKeyWindowMs};
  RecentCount agentUnavailable_{kKeyWindowMs};
  RecentCount nobodyToAsk_{kKeyWindowMs};
  ClockWatch clock_;
  std::optional<ClockJump> jump_;
  std::map<HealthCode, Known> known_;  // those that hold, or have ended just now
  std::vector<Condition> conditions_;
};

}  // namespace cbs::telemetry
