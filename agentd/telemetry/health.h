// What is not in order with the daemon, as data that the CLI, HTTP and metrics read alike.
#pragma once

#include "schema/agent.capnp.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::telemetry {

using Severity = schema::Health::Status;

// What health is judged by. A limit of 0 is not known, and not judged.
struct HealthFigures {
  uint32_t openDescriptors = 0;
  uint32_t maxDescriptors = 0;
  uint32_t queueDepth = 0;
  uint32_t queueCapacity = 0;
  uint32_t connections = 0;
  uint32_t maxConnections = 0;
  uint64_t loopLagP99Us = 0;
  uint32_t breakersOpen = 0;
  bool draining = false;
  std::string journalFault = {};  // why there can be no jobs; "": there can
};

struct Condition {
  std::string_view code;  // stable: a word of judge's
  Severity severity;
  std::string text;      // one sentence: what is, and what to do
  uint64_t sinceMs = 0;  // time of day
};

// The conditions that are not in order: descriptorsNearlyUsed, queueNearlyFull, poolNearlyFull, loopLag, breakersOpen,
// journalUnavailable, draining. `sinceMs` stays 0.
std::vector<Condition> judge(const HealthFigures& figures);

// The worst severity; HEALTHY without conditions.
Severity worst(const std::vector<Condition>& conditions);

// Remembers since when each condition holds.
class Health {
 public:
  // Judges anew. `nowMs` is the time of day.
  const std::vector<Condition>& update(const HealthFigures& figures, uint64_t nowMs);

 private:
  std::vector<Condition> conditions_;
};

}  // namespace cbs::telemetry
