#include "cli/output/health_text.h"

#include <capnp/message.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using Status = schema::Health::Status;

constexpr uint64_t kNow = 1'700'000'000'000;

struct World {
  schema::Health::Condition::Builder addOne() {
    health.setStatus(Status::DEGRADED);
    auto condition = health.initConditions(1)[0];
    condition.setCode("poolNearlyFull");
    condition.setSeverity(Status::DEGRADED);
    condition.setText("4 of 5 connections are open");
    condition.setNext("raise the limit");
    condition.setSinceMs(kNow - 184'000);
    return condition;
  }
  std::string text() { return healthText(health, kNow); }

  capnp::MallocMessageBuilder message;
  schema::Health::Builder health = message.initRoot<schema::Health>();
};

TEST_CASE("a daemon that is well takes one word") {
  World world;
  CHECK(world.text() == "healthy\n");
}

TEST_CASE("a condition is told with what to do, its code, and for how long it has held") {
  World world;
  world.addOne();
  CHECK(world.text() ==
        "degraded\n"
        "  degraded: 4 of 5 connections are open. Next: raise the limit [poolNearlyFull, since 3 min 4 s]\n");
}

TEST_CASE("a condition without a time, with one to come, or without advice says nothing of it") {
  World world;
  auto condition = world.addOne();
  condition.setNext("");
  condition.setSinceMs(0);
  CHECK(world.text() == "degraded\n  degraded: 4 of 5 connections are open [poolNearlyFull]\n");
  condition.setSinceMs(kNow + 5000);
  CHECK(world.text() == "degraded\n  degraded: 4 of 5 connections are open [poolNearlyFull]\n");
}

TEST_CASE("a daemon that does not answer is down, with what to do apart") {
  World world;
  describeDown({ErrorKind::AGENT_UNREACHABLE, Reason::NOT_RUNNING, ""}, world.health);
  REQUIRE(world.health.getConditions().size() == 1);
  auto condition = world.health.getConditions()[0];
  CHECK(world.health.getStatus() == Status::DOWN);
  CHECK(std::string(condition.getCode().cStr()) == "agentUnreachable");
  CHECK(std::string(condition.getText().cStr()).find("Next:") == std::string::npos);
  CHECK(condition.getNext().size() > 0);
}

}  // namespace
}  // namespace cbs::cli
