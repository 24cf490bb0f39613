// How the daemon itself is doing, as far as that must be watched all the time.
#pragma once

#include "agentd/telemetry/health.h"
#include "agentd/telemetry/loop_lag.h"

#include <kj/timer.h>

namespace cbs::rpc {

struct Vitals {
  explicit Vitals(kj::Timer& timer) : startedAt(timer.now()), loopLag(timer) {}

  const kj::TimePoint startedAt;
  telemetry::LoopLag loopLag;
  telemetry::Health health;
  telemetry::DiskRoom disk;  // of the jobs' folder, as HealthWatch has seen it last
};

}  // namespace cbs::rpc
