#include "agentd/core/backoff.h"

namespace cbs::core {

kj::Duration backoff(BackoffLimits limits, uint32_t attempt, uint64_t random) {
  kj::Duration pause = limits.first;
  for (uint32_t i = 0; i < attempt && pause < limits.longest; ++i) pause = pause * 2;
  uint64_t most = static_cast<uint64_t>(kj::min(pause, limits.longest) / kj::NANOSECONDS);
  return static_cast<int64_t>(random % (most + 1)) * kj::NANOSECONDS;
}

}  // namespace cbs::core
