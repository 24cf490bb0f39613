// What transfers have moved, and how long operations on files took.
#pragma once

#include "agentd/telemetry/latency_histogram.h"

#include <cstdint>

namespace cbs::engine {

struct TransferStats {
  uint64_t uploadBytes = 0;  // to hosts
  uint64_t downloadBytes = 0;
  telemetry::LatencyHistogram uploads;  // whole ones that went well; between two hosts both count
  telemetry::LatencyHistogram downloads;
  telemetry::LatencyHistogram listings;
};

}  // namespace cbs::engine
