#include "agentd/core/reachability.h"

#include "agentd/core/backoff.h"

#include <string>

namespace cbs::core {
namespace {

// After a connection could not be made while others work.
constexpr kj::Duration kRedialPause = 500 * kj::MILLISECONDS;

// A server that drops this many logins in a row, over about a minute, is not one that is merely busy.
constexpr uint32_t kMostDrops = 12;
constexpr BackoffLimits kDropBackoff = {.first = 200 * kj::MILLISECONDS, .longest = 10 * kj::SECONDS};

BreakerLimits loginBreaker(const ReachabilityLimits& limits) {
  return {.failureThreshold = 1, .openFor = limits.loginOpenFor, .halfOpenProbes = 1};
}

// The server was asked, and wanted none of our keys.
bool isRefusedLogin(const Error& why) {
  bool mistyped = why.reason == Reason::PASSWORD_REFUSED;  // which a person has seen, and may try again
  return why.kind == ErrorKind::AUTH_REFUSED && !mistyped && !why.fact("offered").empty();
}

}  // namespace

Reachability::Reachability(ReachabilityLimits limits, kj::TimePoint now)
    : limits_(limits), connect_(limits.connect), login_(loginBreaker(limits)), lastFailureAt_(now), nextAttempt_(now) {}

void Reachability::setLimits(ReachabilityLimits limits) {
  limits_ = limits;
  connect_.setLimits(limits.connect);
  login_.setLimits(loginBreaker(limits));
}

kj::Maybe<Error> Reachability::enter(kj::TimePoint now) {
  auto blocked = obstacle(now);
  if (blocked != nullptr) return blocked;
  connect_.enter(now);
  login_.enter(now);
  return nullptr;
}

kj::Maybe<Error> Reachability::obstacle(kj::TimePoint now) const {
  KJ_IF_MAYBE (pause, login_.retryAfter(now)) {
    return refusal(ErrorKind::AUTH_REFUSED, *pause);
  }
  KJ_IF_MAYBE (pause, connect_.retryAfter(now)) {
    return refusal(ErrorKind::UNREACHABLE, *pause);
  }
  return nullptr;
}

Error Reachability::refusal(ErrorKind kind, kj::Duration pause) const {
  return Error{kind, Reason::BREAKER_OPEN, lastFailure_.detail}
      .with("lastReason", std::string(nameOf(lastFailure_.reason)))
      .with("failures", std::to_string(connect_.failures() + login_.failures()))
      .with("retryAfterMs", std::to_string(pause / kj::MILLISECONDS));
}

void Reachability::connected() { reset(); }

bool Reachability::failed(const Error& why, kj::TimePoint now, uint64_t random) {
  bool elsewhere = !why.fact("jumpHost").empty();  // on the way: it says nothing about the host itself
  bool dropped = !elsewhere && why.reason == Reason::STARTUPS_EXCEEDED && drops_ < kMostDrops;
  bool counts = !elsewhere && why.kind == ErrorKind::UNREACHABLE && why.reason != Reason::BREAKER_OPEN && !dropped;
  if (counts) {
    connect_.failed(now);
  } else {
    connect_.abandoned(now);  // it says nothing about whether the host can be reached
  }
  if (isRefusedLogin(why) && !elsewhere) {
    login_.failed(now);
  } else {
    login_.abandoned(now);
  }
  lastFailure_ = why;
  lastFailureAt_ = now;
  drops_ = dropped ? drops_ + 1 : 0;
  nextAttempt_ = now + (dropped ? backoff(kDropBackoff, drops_, random) : kRedialPause);
  return dropped;
}

void Reachability::reset() {
  connect_.reset();
  login_.reset();
  drops_ = 0;
  lastFailure_ = {ErrorKind::NONE, Reason::UNSPECIFIED, ""};
}

kj::Duration Reachability::retryAfter(kj::TimePoint now) const {
  constexpr auto kNone = 0 * kj::SECONDS;
  return kj::max(connect_.retryAfter(now).orDefault(kNone), login_.retryAfter(now).orDefault(kNone));
}

std::string_view Reachability::state(kj::TimePoint now) const {
  if (open(now)) return "open";
  return connect_.opened() || login_.opened() ? "halfOpen" : "closed";
}

}  // namespace cbs::core
