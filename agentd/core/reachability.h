// What is known of whether a host can be reached and logged in to: two circuit breakers, and the failures behind them.
//
// One counts failures to establish a connection. The other opens at the first login that the server refuses, and for
// longer: servers shut out those who come again and again with keys that they do not want (PerSourcePenalties of
// OpenSSH 9.8). A server that drops a login since it has too many under way (MaxStartups) is well; it is tried again
// after a pause.
#pragma once

#include "agentd/core/breaker.h"
#include "common/error.h"

#include <kj/time.h>

#include <cstdint>
#include <string_view>

namespace cbs::core {

struct ReachabilityLimits {
  BreakerLimits connect;
  kj::Duration loginOpenFor = 60 * kj::SECONDS;
};

class Reachability {
 public:
  Reachability(ReachabilityLimits limits, kj::TimePoint now);

  // For what comes; a breaker that is open stays so until the time it was opened for.
  void setLimits(ReachabilityLimits limits);

  // Asks to connect. Nothing: it may be tried now, and connected() or failed() must follow. Else the error for those
  // who want to: the last failure as reason breakerOpen, with the facts lastReason, failures, retryAfterMs.
  kj::Maybe<Error> enter(kj::TimePoint now);
  // What enter would say, without an attempt.
  kj::Maybe<Error> obstacle(kj::TimePoint now) const;

  void connected();
  // `random` (of 64 even bits) spreads those who failed together. Gives whether it is worth to go on trying on behalf
  // of the same callers: at nextAttempt().
  bool failed(const Error& why, kj::TimePoint now, uint64_t random);

  // Not before this is another attempt to be made, while some connection works or is in the making.
  kj::TimePoint nextAttempt() const { return nextAttempt_; }

  // As new: for a person who knows better.
  void reset();

  // Until an open breaker lets somebody try; 0 if none is open.
  kj::Duration retryAfter(kj::TimePoint now) const;
  bool open(kj::TimePoint now) const {
    return login_.retryAfter(now) != nullptr || connect_.retryAfter(now) != nullptr;
  }
  // "closed", "open" or "halfOpen", of both breakers the worse.
  std::string_view state(kj::TimePoint now) const;
  uint32_t failures() const { return connect_.failures(); }
  bool loginRefused() const { return login_.failures() > 0; }
  // The last failure since the last success, and when it was; kind `none` if there is none.
  const Error& lastFailure() const { return lastFailure_; }
  kj::TimePoint lastFailureAt() const { return lastFailureAt_; }

 private:
  Error refusal(ErrorKind kind, kj::Duration pause) const;

  ReachabilityLimits limits_;
  Breaker connect_;
  Breaker login_;
  Error lastFailure_{ErrorKind::NONE, Reason::UNSPECIFIED, ""};
  kj::TimePoint lastFailureAt_;
  kj::TimePoint nextAttempt_;
  uint32_t drops_ = 0;  // in a row
};

}  // namespace cbs::core
