#include "agentd/core/rate_limit.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::core {
namespace {

const kj::TimePoint kStart = kj::origin<kj::TimePoint>() + 1 * kj::HOURS;

TEST_CASE("bytes pass one after the other at the rate that is allowed") {
  RateLimit limit(1000, kStart);
  REQUIRE(limit.take(500, kStart) == kStart);
  REQUIRE(limit.take(1000, kStart) == kStart + 500 * kj::MILLISECONDS);
  REQUIRE(limit.take(1, kStart) == kStart + 1500 * kj::MILLISECONDS);
}

TEST_CASE("what was not used counts for a quarter of a second at most") {
  RateLimit limit(1000, kStart);
  kj::TimePoint later = kStart + 10 * kj::SECONDS;
  REQUIRE(limit.take(250, later) == later);
  REQUIRE(limit.take(250, later) == later);
  REQUIRE(limit.take(1, later) == later + 250 * kj::MILLISECONDS);
}

TEST_CASE("a limit of 0 is none") {
  RateLimit limit(0, kStart);
  limit.take(UINT64_MAX, kStart);
  REQUIRE(limit.take(UINT64_MAX, kStart) == kStart);
}

TEST_CASE("pieces of less than a nanosecond are not free") {
  RateLimit limit(3'000'000'000, kStart);
  for (int i = 0; i < 1000; ++i) limit.take(1, kStart);
  REQUIRE(limit.take(1, kStart) >= kStart + 333 * kj::NANOSECONDS);
}

TEST_CASE("times that nobody lives to see do not overflow") {
  RateLimit limit(1, kStart);
  for (int i = 0; i < 10; ++i) limit.take(UINT64_MAX, kStart);
  REQUIRE(limit.take(UINT64_MAX, kStart) > kStart + 100 * kj::DAYS);
}

}  // namespace
}  // namespace cbs::core
