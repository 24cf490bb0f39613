// How long to wait before trying again.
#pragma once

#include <kj/time.h>

#include <cstdint>

namespace cbs::core {

struct BackoffLimits {
  kj::Duration first = 100 * kj::MILLISECONDS;  // the most before the first new attempt; doubles with each
  kj::Duration longest = 10 * kj::SECONDS;
};

// The pause before new attempt number `attempt`, counted from 0: anything from nothing to the full exponential pause,
// as `random` (of 64 even bits) has it. Callers that failed together so come back spread out.
kj::Duration backoff(BackoffLimits limits, uint32_t attempt, uint64_t random);

}  // namespace cbs::core
