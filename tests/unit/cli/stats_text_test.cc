#include "cli/output/stats_text.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/cli/watch_world.h"

namespace cbs::cli {
namespace {

std::string statsTextOf(const std::function<void(schema::Stats::Builder)>& describe) {
  auto sample = sampleOf([&](auto stats, auto) { describe(stats); });
  return statsText(sample.stats());
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

TEST_CASE("stats of a daemon that has done nothing, or is older, say so in place of figures") {
  auto text = statsTextOf([](auto) {});
  INFO(text);
  CHECK(has(text, "daemon       version 1.2.3, pid 4711, up 3 h, profile default\n"));
  CHECK(has(text, "waits        none for a lane yet\n"));
  CHECK(has(text, "outcomes     none yet\n"));
  CHECK(has(text, "logins       none yet\n"));
  CHECK(has(text, "breakers     0 open, 0 half-open\n"));
  CHECK_FALSE(has(text, "health"));
}

TEST_CASE("stats tell of waits, outcomes, the phases of a login, and of what is not in order") {
  auto text = statsTextOf([](schema::Stats::Builder stats) {
    auto waits = stats.initQueueWaits();
    waits.setCount(1);
    waits.setP50Us(100);
    waits.setP90Us(2000);
    waits.setP99Us(30'000);
    auto outcomes = stats.initOutcomes(3);
    outcomes[0].setOutcome("succeeded");
    outcomes[0].setCount(12);
    outcomes[1].setOutcome("failed");
    outcomes[2].setOutcome("unknown");
    outcomes[2].setCount(1);
    auto phases = stats.initEngine().initPhases();
    phases.initConnect().setCount(1);
    phases.getConnect().setP50Us(400);
    phases.initAuthenticate().setCount(1);
    phases.getAuthenticate().setP50Us(35'000);
    auto conditions = stats.initConditions(2);
    conditions[0].setCode("loopLag");
    conditions[0].setSeverity(schema::Health::Status::DEGRADED);
    conditions[0].setText("it is slow");
    conditions[0].setNext("wait");
    conditions[1].setCode("draining");
    conditions[1].setSeverity(schema::Health::Status::DOWN);
    conditions[1].setText("it is ending");
  });
  INFO(text);
  CHECK(has(text, "waits        0.10 ms median, 2.0 ms p90, 30 ms p99\n"));
  CHECK(has(text, "outcomes     12 succeeded, 1 unknown\n"));
  CHECK(has(text, "logins       connect 0.40 ms, authenticate 35 ms (medians)\n"));
  CHECK(has(text, "health       degraded: it is slow [loopLag]. Next: wait\n"));
  CHECK(has(text, "             down: it is ending [draining]\n"));
}

}  // namespace
}  // namespace cbs::cli
