// Figures of a daemon at ease, for tests to spoil.
#pragma once

#include "agentd/telemetry/health_figures.h"

namespace cbs::telemetry {

inline HealthFigures atEase() {
  return {.openDescriptors = 10,
          .maxDescriptors = 1000,
          .queueCapacity = 1000,
          .connections = 5,
          .maxConnections = 1000,
          .loopLagP99Us = 900,
          .stateFolder = "/state",
          .disk = {.freeBytes = uint64_t{50} << 30, .sizeBytes = uint64_t{100} << 30},
          .jobOutputBytes = 1000,
          .maxJobOutputBytes = uint64_t{1} << 30};
}

}  // namespace cbs::telemetry
