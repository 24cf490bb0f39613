#include "agentd/core/breaker.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::core {
namespace {

const kj::TimePoint kStart = kj::origin<kj::TimePoint>() + 1 * kj::HOURS;
const BreakerLimits kLimits{.failureThreshold = 3, .openFor = 10 * kj::SECONDS, .halfOpenProbes = 2};

bool admitted(Breaker& breaker, kj::TimePoint now) { return breaker.enter(now) == nullptr; }

kj::Duration pauseOf(const Breaker& breaker, kj::TimePoint now) {
  KJ_IF_MAYBE (pause, breaker.retryAfter(now)) return *pause;
  return 0 * kj::SECONDS;
}

Breaker opened() {
  Breaker breaker(kLimits);
  for (int i = 0; i < 3; ++i) breaker.failed(kStart);
  return breaker;
}

TEST_CASE("a breaker opens at the threshold and says how long it stays open") {
  Breaker breaker(kLimits);
  breaker.failed(kStart);
  breaker.failed(kStart);
  REQUIRE(admitted(breaker, kStart));
  breaker.failed(kStart);
  REQUIRE_FALSE(admitted(breaker, kStart));
  REQUIRE(pauseOf(breaker, kStart + 4 * kj::SECONDS) == 6 * kj::SECONDS);
}

TEST_CASE("a success in between starts the count again") {
  Breaker breaker(kLimits);
  for (int i = 0; i < 10; ++i) {
    breaker.failed(kStart);
    breaker.failed(kStart);
    breaker.succeeded(kStart);
  }
  REQUIRE(admitted(breaker, kStart));
  REQUIRE(breaker.failures() == 0);
}

TEST_CASE("a half-open breaker admits as many probes as configured") {
  Breaker breaker = opened();
  auto later = kStart + 10 * kj::SECONDS;
  REQUIRE(breaker.retryAfter(later) == nullptr);
  REQUIRE(admitted(breaker, later));
  REQUIRE(admitted(breaker, later));
  REQUIRE_FALSE(admitted(breaker, later));
  REQUIRE(pauseOf(breaker, later) == 1 * kj::SECONDS);
}

TEST_CASE("a probe that succeeds closes the breaker") {
  Breaker breaker = opened();
  auto later = kStart + 10 * kj::SECONDS;
  REQUIRE(admitted(breaker, later));
  breaker.succeeded(later);
  for (int i = 0; i < 5; ++i) REQUIRE(admitted(breaker, later));
}

TEST_CASE("a probe that fails opens it again for the whole time") {
  Breaker breaker = opened();
  auto later = kStart + 15 * kj::SECONDS;
  REQUIRE(admitted(breaker, later));
  breaker.failed(later);
  REQUIRE(pauseOf(breaker, later) == 10 * kj::SECONDS);
  REQUIRE(admitted(breaker, later + 10 * kj::SECONDS));
}

TEST_CASE("a probe that is given up makes room for another") {
  Breaker breaker = opened();
  auto later = kStart + 10 * kj::SECONDS;
  REQUIRE(admitted(breaker, later));
  REQUIRE(admitted(breaker, later));
  breaker.abandoned(later);
  REQUIRE(admitted(breaker, later));
}

TEST_CASE("failures of attempts from before it opened do not lengthen the pause") {
  Breaker breaker = opened();
  breaker.failed(kStart + 5 * kj::SECONDS);
  REQUIRE(pauseOf(breaker, kStart + 5 * kj::SECONDS) == 5 * kj::SECONDS);
}

TEST_CASE("a late success of an attempt from before closes it: the host works") {
  Breaker breaker = opened();
  breaker.succeeded(kStart + 1 * kj::SECONDS);
  REQUIRE(admitted(breaker, kStart + 1 * kj::SECONDS));
}

TEST_CASE("attempts that are given up while it is closed count for nothing") {
  Breaker breaker(kLimits);
  for (int i = 0; i < 100; ++i) breaker.abandoned(kStart);
  REQUIRE(admitted(breaker, kStart));
  REQUIRE(breaker.failures() == 0);
}

TEST_CASE("a reset breaker is as new") {
  Breaker breaker = opened();
  breaker.reset();
  REQUIRE(admitted(breaker, kStart));
  breaker.failed(kStart);
  REQUIRE(admitted(breaker, kStart));
}

}  // namespace
}  // namespace cbs::core
