#include "agentd/core/lanes.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::core {
namespace {

const kj::TimePoint kStart = kj::origin<kj::TimePoint>() + 1 * kj::HOURS;

LaneLimits limits(RejectionPolicy policy = RejectionPolicy::ABORT) {
  return {.core = 2, .max = 4, .queueCapacity = 3, .keepAlive = 60 * kj::SECONDS, .policy = policy};
}

// Two commands run and three wait.
Lanes filled(RejectionPolicy policy = RejectionPolicy::ABORT) {
  Lanes lanes(limits(policy));
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  for (size_t waiting = 0; waiting < 3; ++waiting) REQUIRE(lanes.arrive(kStart, waiting) == Arrival::WAIT);
  return lanes;
}

// Four run and three wait: nothing more fits.
Lanes full(RejectionPolicy policy = RejectionPolicy::ABORT) {
  Lanes lanes = filled(policy);
  REQUIRE(lanes.arrive(kStart, 3) == Arrival::WAIT_AND_ADMIT);
  REQUIRE(lanes.arrive(kStart, 3) == Arrival::WAIT_AND_ADMIT);
  REQUIRE(lanes.active() == 4);
  return lanes;
}

TEST_CASE("commands run up to the core size, then wait, then open extra lanes, then are refused") {
  Lanes lanes = full();
  REQUIRE(lanes.arrive(kStart, 3) == Arrival::REFUSED);
  REQUIRE(lanes.active() == 4);
}

TEST_CASE("a lane that is left goes to the head of the queue") {
  Lanes lanes = full();
  REQUIRE(lanes.leave(kStart, 3));
  REQUIRE(lanes.active() == 4);
  REQUIRE_FALSE(lanes.leave(kStart, 0));
  REQUIRE(lanes.active() == 3);
}

TEST_CASE("an idle extra lane is used before anything waits, and closes after its time") {
  Lanes lanes = full();
  for (int i = 0; i < 4; ++i) REQUIRE_FALSE(lanes.leave(kStart, 0));
  REQUIRE(lanes.open(kStart) == 4);
  auto soon = kStart + 59 * kj::SECONDS;
  for (int i = 0; i < 3; ++i) REQUIRE(lanes.arrive(soon, 0) == Arrival::RUN);
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(lanes.leave(soon, 0));
  REQUIRE(lanes.open(kStart + 60 * kj::SECONDS) == 3);  // the one that nobody used
  REQUIRE(lanes.open(soon + 60 * kj::SECONDS) == 2);
  REQUIRE(lanes.arrive(soon + 60 * kj::SECONDS, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(soon + 60 * kj::SECONDS, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(soon + 60 * kj::SECONDS, 0) == Arrival::WAIT);
}

TEST_CASE("core lanes never close") {
  Lanes lanes(limits());
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  REQUIRE_FALSE(lanes.leave(kStart, 0));
  REQUIRE(lanes.open(kStart + 30 * kj::DAYS) == 1);
}

TEST_CASE("without a queue, extra lanes open at once") {
  Lanes lanes({.core = 1, .max = 2, .queueCapacity = 0});
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::REFUSED);
}

TEST_CASE("each policy has its own answer when nothing more fits") {
  REQUIRE(full(RejectionPolicy::ABORT).arrive(kStart, 3) == Arrival::REFUSED);
  REQUIRE(full(RejectionPolicy::DISCARD).arrive(kStart, 3) == Arrival::REFUSED);
  REQUIRE(full(RejectionPolicy::DISCARD_OLDEST).arrive(kStart, 3) == Arrival::REPLACE_OLDEST);
  REQUIRE(full(RejectionPolicy::BLOCK).arrive(kStart, 3) == Arrival::WAIT);
  REQUIRE(full(RejectionPolicy::BLOCK).arrive(kStart, Lanes::kMostBlocked) == Arrival::REFUSED);
}

TEST_CASE("where nothing waits there is no oldest to discard") {
  Lanes lanes({.core = 1, .max = 1, .queueCapacity = 0, .policy = RejectionPolicy::DISCARD_OLDEST});
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::REFUSED);
}

TEST_CASE("limits that make no sense still let one command run") {
  Lanes lanes({.core = 0, .max = 0, .queueCapacity = 0});
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::REFUSED);
}

}  // namespace
}  // namespace cbs::core
