// The circuit breaker of one host: after some failures in a row it lets nobody through for a while, then a few who try.
//
//   closed ──failureThreshold failures──▶ open ──openFor──▶ half open ──a success──▶ closed
//                                           ◀───────a failure──────┘
#pragma once

#include <kj/common.h>
#include <kj/time.h>

#include <cstdint>

namespace cbs::core {

struct BreakerLimits {
  uint32_t failureThreshold = 5;
  kj::Duration openFor = 30 * kj::SECONDS;
  uint32_t halfOpenProbes = 1;  // attempts at once while it is half open
};

class Breaker {
 public:
  explicit Breaker(BreakerLimits limits) : limits_(limits) {}

  // Asks to make an attempt. Nothing: it may be made, and its end must be told by one of the three calls below. Else
  // how long to wait before asking again.
  kj::Maybe<kj::Duration> enter(kj::TimePoint now);

  // What enter would say, without an attempt.
  kj::Maybe<kj::Duration> retryAfter(kj::TimePoint now) const;

  void succeeded(kj::TimePoint now);
  void failed(kj::TimePoint now);
  // It was given up, or ended in a way that says nothing about the host.
  void abandoned(kj::TimePoint now);

  // As new: for a person who knows better.
  void reset();

  // For what comes: one that is open stays so until the time it was opened for.
  void setLimits(BreakerLimits limits) { limits_ = limits; }
  // Opens it now, for at least as long as this.
  void trip(kj::TimePoint now, kj::Duration openFor);

  // It is open or half open.
  bool opened() const { return open_; }
  // Failures since the last success.
  uint32_t failures() const { return failures_; }

 private:
  bool halfOpen(kj::TimePoint now) const { return open_ && now >= openUntil_; }

  BreakerLimits limits_;
  uint32_t failures_ = 0;
  bool open_ = false;  // or half open, from openUntil_ on
  kj::TimePoint openUntil_ = kj::origin<kj::TimePoint>();
  uint32_t probes_ = 0;  // under way
};

}  // namespace cbs::core
