#include "agentd/core/reachability.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::core {
namespace {

constexpr auto kStart = kj::origin<kj::TimePoint>() + 1 * kj::HOURS;
constexpr ReachabilityLimits kLimits{
    .connect = {.failureThreshold = 2, .openFor = 30 * kj::SECONDS, .halfOpenProbes = 1},
    .loginOpenFor = 60 * kj::SECONDS};

const Error kRefused{ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, "Connection refused"};
const Error kDropped{ErrorKind::UNREACHABLE, Reason::STARTUPS_EXCEEDED, "Exceeded MaxStartups"};
const Error kKeysRefused{ErrorKind::AUTH_REFUSED, Reason::KEYS_REFUSED, "", {{"offered", "a key"}}};
const Error kNoKey{ErrorKind::AUTH_REFUSED, Reason::NO_KEY, ""};

// Tries once at a time; whether it was let to.
bool attempt(Reachability& host, const Error& end, kj::TimePoint now) {
  if (host.enter(now) != nullptr) return false;
  host.failed(end, now, 0);
  return true;
}

TEST_CASE("failures in a row open a host, which says why and until when") {
  Reachability host(kLimits, kStart);
  CHECK(host.state(kStart) == "closed");
  REQUIRE(attempt(host, kRefused, kStart));
  REQUIRE(attempt(host, kRefused, kStart));
  CHECK(host.state(kStart) == "open");
  CHECK(host.retryAfter(kStart + 10 * kj::SECONDS) == 20 * kj::SECONDS);
  KJ_IF_MAYBE (error, host.enter(kStart + 10 * kj::SECONDS)) {
    CHECK(error->kind == ErrorKind::UNREACHABLE);
    CHECK(error->reason == Reason::BREAKER_OPEN);
    CHECK(error->detail == "Connection refused");
    CHECK(error->fact("lastReason") == "connectionRefused");
    CHECK(error->fact("failures") == "2");
    CHECK(error->fact("retryAfterMs") == "20000");
  } else {
    FAIL("it was let through");
  }
}

TEST_CASE("an open host lets one try after its time, whose success closes it") {
  Reachability host(kLimits, kStart);
  for (int i = 0; i < 2; ++i) attempt(host, kRefused, kStart);
  auto later = kStart + 31 * kj::SECONDS;
  CHECK(host.state(later) == "halfOpen");
  CHECK(host.enter(later) == nullptr);
  CHECK(host.enter(later) != nullptr);  // the probe is under way
  host.connected();
  CHECK(host.state(later) == "closed");
  CHECK(host.lastFailure().kind == ErrorKind::NONE);
}

TEST_CASE("a refused login opens at once and for longer, as a matter of authentication") {
  Reachability host(kLimits, kStart);
  REQUIRE(attempt(host, kKeysRefused, kStart));
  CHECK(host.loginRefused());
  CHECK(host.retryAfter(kStart) == 60 * kj::SECONDS);
  KJ_IF_MAYBE (error, host.enter(kStart + 59 * kj::SECONDS)) {
    CHECK(error->kind == ErrorKind::AUTH_REFUSED);
    CHECK(error->reason == Reason::BREAKER_OPEN);
    CHECK(error->fact("lastReason") == "keysRefused");
  } else {
    FAIL("it was let through");
  }
  CHECK(host.enter(kStart + 61 * kj::SECONDS) == nullptr);
}

TEST_CASE("a login that failed before the server was asked opens nothing") {
  Reachability host(kLimits, kStart);
  for (int i = 0; i < 10; ++i) REQUIRE(attempt(host, kNoKey, kStart));
  CHECK(host.state(kStart) == "closed");
  CHECK_FALSE(host.loginRefused());
}

TEST_CASE("a login that the server drops for being busy is tried again after a pause that grows, up to an end") {
  Reachability host(kLimits, kStart);
  constexpr uint64_t kLongest = UINT64_MAX / 2;  // some share of the pause
  int drops = 0;
  kj::TimePoint now = kStart;
  for (;; ++drops) {
    REQUIRE(drops < 1000);
    REQUIRE(host.enter(now) == nullptr);
    if (!host.failed(kDropped, now, kLongest)) break;
    REQUIRE(host.nextAttempt() >= now);
    REQUIRE(host.nextAttempt() <= now + 10 * kj::SECONDS);
    now = host.nextAttempt();
  }
  CHECK(drops == 12);
  CHECK(host.failures() == 1);  // of the drops, only the last counts
}

TEST_CASE("an attempt that an address's own breaker has kept from being made says nothing about the host") {
  Reachability host(kLimits, kStart);
  const Error shut{ErrorKind::UNREACHABLE, Reason::BREAKER_OPEN, ""};
  for (int i = 0; i < 10; ++i) REQUIRE(attempt(host, shut, kStart));
  CHECK(host.state(kStart) == "closed");
}

TEST_CASE("a person can let a host be tried again at once") {
  Reachability host(kLimits, kStart);
  attempt(host, kKeysRefused, kStart);
  host.reset();
  CHECK(host.enter(kStart) == nullptr);
  CHECK_FALSE(host.loginRefused());
}

TEST_CASE("new limits are for what comes") {
  Reachability host(kLimits, kStart);
  attempt(host, kRefused, kStart);
  auto limits = kLimits;
  limits.connect.failureThreshold = 5;
  host.setLimits(limits);
  for (int i = 0; i < 3; ++i) REQUIRE(attempt(host, kRefused, kStart));
  CHECK(host.state(kStart) == "closed");
  attempt(host, kRefused, kStart);
  CHECK(host.state(kStart) == "open");
}

}  // namespace
}  // namespace cbs::core
