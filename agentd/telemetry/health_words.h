// What is said of each condition.
#pragma once

#include "agentd/telemetry/health_codes.h"
#include "agentd/telemetry/health_figures.h"

#include <string>

namespace cbs::telemetry {

// What is, and what to do about it: one sentence each, without a full stop.
struct HealthWords {
  std::string text;
  std::string next;
};

// Of a condition that holds.
HealthWords wordsOf(HealthCode code, const HealthSigns& signs);

}  // namespace cbs::telemetry
