// What becomes of a job after an attempt at running it.
#pragma once

#include "agentd/core/backoff.h"
#include "common/error.h"

#include <kj/time.h>

#include <cstdint>

namespace cbs::core {

// How an attempt ended.
struct AttemptEnd {
  enum class Sent { NO, YES, UNKNOWN };
  Sent sent = Sent::NO;  // YES: its status is known
  Error error = {ErrorKind::NONE, Reason::UNSPECIFIED, ""};
};

// What the job allows.
struct AttemptTerms {
  bool idempotent = false;
  uint32_t retries = 0;
  uint32_t attempts = 1;  // begun, with this one
};

enum class JobFate {
  END,
  TRY_AGAIN,  // after a pause
  PUT_BACK,   // into the queue, for the daemon that comes next
};

// A job that is put back again and again may be what brings the daemons down, so it is not for ever.
constexpr uint32_t kMostRevivals = 20;

// A command is sent once, unless it is idempotent. An attempt that our own circuit breaker refused is not one of those
// that `retries` allows: the caller does not count it.
JobFate fateAfter(const AttemptEnd& end, const AttemptTerms& terms);

// What becomes of a job that ran when its daemon died: put back, or ended with its fate unknown.
JobFate fateAfterCrash(const AttemptTerms& terms);

// From one second to five minutes, growing. A breaker that says when it lets somebody try again is not asked before
// (its fact `retryAfterMs`).
kj::Duration pauseBefore(uint32_t attempts, const Error& error, uint64_t random);

}  // namespace cbs::core
