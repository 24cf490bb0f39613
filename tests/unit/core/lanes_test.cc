#include "agentd/core/lanes.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::core {
namespace {

const kj::TimePoint kStart = kj::origin<kj::TimePoint>() + 1 * kj::HOURS;

LaneLimits limits(RejectionPolicy policy = RejectionPolicy::ABORT) {
  return {.core = 2, .max = 4, .queueCapacity = 3, .keepAlive = 60 * kj::SECONDS, .policy = policy};
}

// What becomes of a command that comes while `waiting` others wait, all of which could run.
enum class Arrival {
  RUN,             // in a lane that is its own now
  WAIT,            // in the queue
  WAIT_AND_ADMIT,  // the same; a lane has opened, for the next of the queue
  REPLACE_OLDEST,
  REFUSED,
};

Arrival arrive(Lanes& lanes, const LaneLimits& limits, kj::TimePoint now, size_t waiting) {
  if (lanes.take(now)) return Arrival::RUN;
  if (waiting < limits.queueCapacity) return Arrival::WAIT;
  if (lanes.takeExtra()) return waiting == 0 ? Arrival::RUN : Arrival::WAIT_AND_ADMIT;
  switch (lanes.whenFull(waiting)) {
    case WhenFull::WAIT:
      return Arrival::WAIT;
    case WhenFull::REPLACE_OLDEST:
      return Arrival::REPLACE_OLDEST;
    case WhenFull::REFUSE:
      break;
  }
  return Arrival::REFUSED;
}

// Lanes with the limits that they were made with.
struct Stage {
  explicit Stage(LaneLimits limits) : limits(limits), lanes(limits) {}
  Arrival arrive(kj::TimePoint now, size_t waiting) { return core::arrive(lanes, limits, now, waiting); }

  LaneLimits limits;
  Lanes lanes;
};

// Two commands run and three wait.
Stage filled(RejectionPolicy policy = RejectionPolicy::ABORT) {
  Stage lanes(limits(policy));
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  for (size_t waiting = 0; waiting < 3; ++waiting) REQUIRE(lanes.arrive(kStart, waiting) == Arrival::WAIT);
  return lanes;
}

// Four run and three wait: nothing more fits.
Stage full(RejectionPolicy policy = RejectionPolicy::ABORT) {
  Stage lanes = filled(policy);
  REQUIRE(lanes.arrive(kStart, 3) == Arrival::WAIT_AND_ADMIT);
  REQUIRE(lanes.arrive(kStart, 3) == Arrival::WAIT_AND_ADMIT);
  REQUIRE(lanes.lanes.active() == 4);
  return lanes;
}

TEST_CASE("commands run up to the core size, then wait, then open extra lanes, then are refused") {
  Stage lanes = full();
  REQUIRE(lanes.arrive(kStart, 3) == Arrival::REFUSED);
  REQUIRE(lanes.lanes.active() == 4);
}

TEST_CASE("a lane that is left is free for the next of the queue") {
  Stage lanes = full();
  lanes.lanes.leave(kStart);
  REQUIRE(lanes.lanes.active() == 3);
  REQUIRE(lanes.lanes.take(kStart));
  REQUIRE_FALSE(lanes.lanes.take(kStart));
  REQUIRE(lanes.lanes.active() == 4);
}

TEST_CASE("after the limits were lowered lanes close as they are left, and after they were raised more open") {
  Stage lanes = full();
  lanes.lanes.setLimits({.core = 1, .max = 2});
  REQUIRE(lanes.lanes.active() == 4);
  lanes.lanes.leave(kStart);
  lanes.lanes.leave(kStart);
  REQUIRE(lanes.lanes.open(kStart) == 2);
  REQUIRE_FALSE(lanes.lanes.take(kStart));
  REQUIRE_FALSE(lanes.lanes.takeExtra());
  lanes.lanes.setLimits({.core = 3, .max = 4});
  REQUIRE(lanes.lanes.take(kStart));
  REQUIRE_FALSE(lanes.lanes.take(kStart));
  REQUIRE(lanes.lanes.takeExtra());
}

TEST_CASE("idle lanes that lowered limits have no room for close at once") {
  Stage lanes = full();
  for (int i = 0; i < 4; ++i) lanes.lanes.leave(kStart);
  lanes.lanes.setLimits({.core = 1, .max = 2});
  REQUIRE(lanes.lanes.open(kStart) == 2);
}

TEST_CASE("an idle extra lane is used before anything waits, and closes after its time") {
  Stage lanes = full();
  for (int i = 0; i < 4; ++i) lanes.lanes.leave(kStart);
  REQUIRE(lanes.lanes.open(kStart) == 4);
  auto soon = kStart + 59 * kj::SECONDS;
  for (int i = 0; i < 3; ++i) REQUIRE(lanes.arrive(soon, 0) == Arrival::RUN);
  for (int i = 0; i < 3; ++i) lanes.lanes.leave(soon);
  REQUIRE(lanes.lanes.open(kStart + 60 * kj::SECONDS) == 3);  // the one that nobody used
  REQUIRE(lanes.lanes.open(soon + 60 * kj::SECONDS) == 2);
  REQUIRE(lanes.arrive(soon + 60 * kj::SECONDS, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(soon + 60 * kj::SECONDS, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(soon + 60 * kj::SECONDS, 0) == Arrival::WAIT);
}

TEST_CASE("core lanes never close") {
  Stage lanes(limits());
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  lanes.lanes.leave(kStart);
  REQUIRE(lanes.lanes.open(kStart + 30 * kj::DAYS) == 1);
}

TEST_CASE("without a queue, extra lanes open at once") {
  Stage lanes({.core = 1, .max = 2, .queueCapacity = 0});
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
  Stage lanes({.core = 1, .max = 1, .queueCapacity = 0, .policy = RejectionPolicy::DISCARD_OLDEST});
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::REFUSED);
}

TEST_CASE("limits that make no sense still let one command run") {
  Stage lanes({.core = 0, .max = 0, .queueCapacity = 0});
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::RUN);
  REQUIRE(lanes.arrive(kStart, 0) == Arrival::REFUSED);
}

}  // namespace
}  // namespace cbs::core
