#include "agentd/transfer/giving_way.h"

#include <kj/async.h>
#include <catch2/catch_test_macros.hpp>

#include <optional>

namespace cbs::transfer {
namespace {

struct World {
  kj::EventLoop loop;
  kj::WaitScope waitScope{loop};
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};
  GivingWay way{timer};

  void pass(kj::Duration time) { timer.advanceTo(timer.now() + time); }
  bool clear() { return way.clear().poll(waitScope); }
};

TEST_CASE("a transfer waits for a young command, and goes on at its end", "[transfer]") {
  World world;
  CHECK(world.clear());
  std::optional<GivingWay::Command> command;
  command.emplace(world.way);
  auto waiting = world.way.clear();
  CHECK_FALSE(waiting.poll(world.waitScope));
  world.pass(3 * kj::MILLISECONDS);
  CHECK_FALSE(waiting.poll(world.waitScope));
  command.reset();
  CHECK(waiting.poll(world.waitScope));
  CHECK(world.clear());
}

TEST_CASE("a transfer does not wait for a command that takes long", "[transfer]") {
  World world;
  GivingWay::Command command(world.way);
  auto waiting = world.way.clear();
  world.pass(GivingWay::kYoung);
  CHECK(waiting.poll(world.waitScope));
  CHECK(world.clear());
}

TEST_CASE("however many commands there are, a transfer gets a third of the time", "[transfer]") {
  World world;
  kj::Duration moved = 0 * kj::SECONDS;
  constexpr kj::Duration kStep = 100 * kj::MICROSECONDS;
  std::optional<GivingWay::Command> command;
  for (int step = 0; step < 10'000; ++step) {
    if (step % 30 == 0) command.reset();
    if (!command) command.emplace(world.way);
    if (world.clear()) moved += kStep;
    world.pass(kStep);
  }
  CHECK(moved > 10'000 * kStep * 3 / 10);
  CHECK(moved < 10'000 * kStep * 6 / 10);
}

TEST_CASE("one command after the other does not hold a transfer up for longer than a young one", "[transfer]") {
  World world;
  GivingWay::Command first(world.way);
  world.pass(10 * kj::MILLISECONDS);
  GivingWay::Command second(world.way);
  world.pass(5 * kj::MILLISECONDS);
  CHECK(world.clear());
}

}  // namespace
}  // namespace cbs::transfer
