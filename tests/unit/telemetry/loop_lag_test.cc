#include "agentd/telemetry/loop_lag.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::telemetry {
namespace {

// A loop whose time moves by hand. One that is late is a timer that moves too far at once.
struct Stage {
  void pass(kj::Duration time) {
    timer.advanceTo(timer.now() + time);
    loop.run();
  }

  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  kj::TimerImpl timer{kj::origin<kj::TimePoint>() + 1 * kj::HOURS};
  LoopLag lag{timer};
};

TEST_CASE("a loop that is in time has no lag") {
  Stage stage;
  REQUIRE(stage.lag.maxUs() == 0);
  for (int i = 0; i < 1000; ++i) stage.pass(250 * kj::MILLISECONDS);
  REQUIRE(stage.lag.maxUs() == 0);
  REQUIRE(stage.lag.p99Us() == 0);
}

TEST_CASE("one long turn shows in the maximum and not in the percentile") {
  Stage stage;
  for (int i = 0; i < 150; ++i) stage.pass(250 * kj::MILLISECONDS);
  stage.pass(330 * kj::MILLISECONDS);
  REQUIRE(stage.lag.maxUs() == 80'000);
  REQUIRE(stage.lag.p99Us() == 0);
}

TEST_CASE("many long turns show in the percentile") {
  Stage stage;
  for (int i = 0; i < 100; ++i) stage.pass((i % 10 == 0 ? 300 : 250) * kj::MILLISECONDS);
  REQUIRE(stage.lag.p99Us() == 50'000);
}

TEST_CASE("after a minute a long turn is forgotten") {
  Stage stage;
  stage.pass(5 * kj::SECONDS);
  REQUIRE(stage.lag.maxUs() == 4'750'000);
  for (int i = 0; i < 241; ++i) stage.pass(250 * kj::MILLISECONDS);
  REQUIRE(stage.lag.maxUs() == 0);
}

}  // namespace
}  // namespace cbs::telemetry
