#include "agentd/telemetry/clock_watch.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::telemetry {
namespace {

constexpr uint64_t kNoon = 1'700'000'000'000;

TEST_CASE("a clock that goes, be it a little slow or fast, does not jump") {
  ClockWatch watch;
  uint64_t boot = 1000, day = kNoon;
  CHECK_FALSE(watch.look({day, boot}));
  for (int i = 0; i < 1000; ++i) {
    CHECK_FALSE(watch.look({day += 5003, boot += 5000}));  // three seconds in all
  }
}

TEST_CASE("a machine that was suspended has not had its clock set") {
  ClockWatch watch;
  watch.look({kNoon, 1000});
  CHECK_FALSE(watch.look({kNoon + 86'400'000, 86'401'000}));
}

TEST_CASE("a clock that is set by more than two seconds jumps, once, forward or back") {
  ClockWatch watch;
  watch.look({kNoon, 1000});
  CHECK_FALSE(watch.look({kNoon + 7000, 6000}));
  auto forward = watch.look({kNoon + 14'001, 11'000});
  REQUIRE(forward);
  CHECK(forward->byMs == 2001);
  CHECK(forward->bootMs == 11'000);
  CHECK_FALSE(watch.look({kNoon + 19'001, 16'000}));
  auto back = watch.look({kNoon - 3'600'000, 21'000});
  REQUIRE(back);
  CHECK(back->byMs == -3'624'001);
}

TEST_CASE("the clocks of this machine can be read, and go on") {
  auto first = readClocks();
  auto second = readClocks();
  CHECK(first.timeOfDayMs > kNoon);
  CHECK(first.bootMs > 0);
  CHECK(second.bootMs >= first.bootMs);
}

}  // namespace
}  // namespace cbs::telemetry
