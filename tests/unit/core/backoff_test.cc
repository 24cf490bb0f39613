#include "agentd/core/backoff.h"

#include <catch2/catch_test_macros.hpp>

#include <random>

namespace cbs::core {
namespace {

const BackoffLimits kLimits{.first = 100 * kj::MILLISECONDS, .longest = 1 * kj::SECONDS};

TEST_CASE("a pause lies between nothing and an exponential limit, whatever the random number") {
  std::mt19937_64 random(3);
  for (uint32_t attempt = 0; attempt < 100; ++attempt) {
    auto most = attempt < 4 ? (100 << attempt) * kj::MILLISECONDS : 1 * kj::SECONDS;
    for (int i = 0; i < 50; ++i) {
      auto pause = backoff(kLimits, attempt, random());
      REQUIRE(pause >= 0 * kj::SECONDS);
      REQUIRE(pause <= most);
    }
  }
}

TEST_CASE("both ends of the pause can occur") {
  REQUIRE(backoff(kLimits, 1, 0) == 0 * kj::SECONDS);
  REQUIRE(backoff(kLimits, 1, 200'000'000) == 200 * kj::MILLISECONDS);
  REQUIRE(backoff(kLimits, UINT32_MAX, 1'000'000'000) == 1 * kj::SECONDS);
}

TEST_CASE("no first pause means no pause at all") {
  REQUIRE(backoff({.first = 0 * kj::SECONDS, .longest = 1 * kj::SECONDS}, 5, 12345) == 0 * kj::SECONDS);
}

}  // namespace
}  // namespace cbs::core
