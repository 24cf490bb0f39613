#include "agentd/rpc/health_watch.h"

#include "agentd/rpc/health_report.h"
#include "tests/unit/rpc/rpc_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::rpc {
namespace {

// An engine that only tells how it is doing, if that.
class SickEngine final : public schema::Engine::Server {
 public:
  kj::Promise<void> stats(StatsContext context) override {
    ++asked;
    if (broken) return KJ_EXCEPTION(FAILED, "broken");
    auto stats = context.getResults().initStats();
    stats.setBreakersOpen(2);
    auto failures = stats.initFailures(3);
    failures[0].setReason(schema::Reason::CONNECTION_REFUSED);
    failures[0].setCount(100);
    failures[1].setReason(schema::Reason::NO_KEY);
    failures[1].setCount(4);
    failures[2].setReason(schema::Reason::NOBODY_TO_ASK);
    failures[2].setCount(1);
    return kj::READY_NOW;
  }

  bool broken = false;
  int asked = 0;
};

struct WatchedWorld : RpcWorld {
  WatchedWorld() : RpcWorld([](auto) { return kj::Promise<void>(kj::READY_NOW); }) {
    auto own = kj::heap<SickEngine>();
    sick = own.get();
    services.engine = kj::mv(own);
  }

  SickEngine* sick;
};

TEST_CASE("health is judged, and the disk of the jobs looked at, though nobody asks") {
  WatchedWorld world;
  HealthWatch watch(world.services);
  world.turnUntil([&]() { return !world.vitals.health.conditions().empty(); });
  world.turnUntil([&]() { return world.vitals.disk.sizeBytes > 0; });
}

TEST_CASE("what the engine tells becomes conditions, with words and times") {
  WatchedWorld world;
  auto answer = world.agent.healthRequest().send().wait(world.io.waitScope);
  auto health = answer.getHealth();
  CHECK(health.getStatus() == schema::Health::Status::DEGRADED);
  auto conditions = health.getConditions();
  REQUIRE(conditions.size() == 2);
  CHECK(conditions[0].getCode() == "breakersOpen");
  CHECK(conditions[1].getCode() == "keysMissing");
  CHECK(
      conditions[1].getText() ==
      "of the logins in the last 5 minutes 4 had no key to offer and 1 had nobody to ask for a passphrase or password");
  CHECK(conditions[1].getNext().size() > 0);
  CHECK(conditions[1].getSinceMs() > 1'700'000'000'000);
}

TEST_CASE("an engine that cannot tell how it is doing does not end the watch") {
  WatchedWorld world;
  world.sick->broken = true;
  HealthWatch watch(world.services, 1 * kj::MILLISECONDS);
  world.turnUntil([&]() { return world.sick->asked > 1; });
  world.turnUntil([&]() { return world.vitals.disk.sizeBytes > 0; });
  CHECK(world.vitals.health.conditions().empty());
  world.sick->broken = false;
  world.turnUntil([&]() { return !world.vitals.health.conditions().empty(); });
}

}  // namespace
}  // namespace cbs::rpc
