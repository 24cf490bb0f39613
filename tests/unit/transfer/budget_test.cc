#include "agentd/transfer/budget.h"

#include <kj/async-io.h>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <vector>

namespace cbs::transfer {
namespace {

struct BudgetWorld {
  // Lets go on what can.
  void settle() {
    kj::evalLater([]() {}).wait(waits), kj::evalLast([]() {}).wait(waits);
  }

  kj::EventLoop loop;
  kj::WaitScope waits{loop};
  Budget budget{100};
};

TEST_CASE("parts of a budget that are free are given at once") {
  BudgetWorld world;
  auto first = world.budget.take(60);
  auto second = world.budget.take(40);
  REQUIRE(first.finished());
  REQUIRE(second.finished());
  REQUIRE_FALSE(world.budget.take(1).finished());
}

TEST_CASE("who waits for a part gets it when enough was given back") {
  BudgetWorld world;
  std::optional<Budget::Part> first(world.budget.take(60).take());
  std::optional<Budget::Part> second(world.budget.take(40).take());
  auto waiting = world.budget.take(70);
  second.reset();
  world.settle();
  REQUIRE_FALSE(waiting.finished());
  first.reset();
  world.settle();
  REQUIRE(waiting.finished());
}

TEST_CASE("parts are given in the order in which they were asked for") {
  BudgetWorld world;
  std::optional<Budget::Part> held(world.budget.take(50).take());
  auto large = world.budget.take(80);
  auto small = world.budget.take(10);  // there is room for it, but it would starve the other
  world.settle();
  REQUIRE_FALSE(small.finished());
  held.reset();
  world.settle();
  REQUIRE(large.finished());
  REQUIRE(small.finished());
}

TEST_CASE("more than the whole budget is the whole budget") {
  BudgetWorld world;
  {
    auto all = world.budget.take(1000);
    REQUIRE(all.finished());
    REQUIRE_FALSE(world.budget.take(1).finished());
  }
  REQUIRE(world.budget.take(100).finished());
}

TEST_CASE("one that no longer waits for a part is in nobody's way") {
  BudgetWorld world;
  auto held = world.budget.take(50).take();
  std::optional<Task<Budget::Part>> large(world.budget.take(80));
  auto small = world.budget.take(10);
  large.reset();
  world.settle();
  REQUIRE(small.finished());
  REQUIRE(world.budget.take(40).finished());
}

TEST_CASE("a part that was given to one who left just then is not lost") {
  BudgetWorld world;
  std::optional<Budget::Part> held(world.budget.take(100).take());
  std::optional<Task<Budget::Part>> waiting(world.budget.take(100));
  held.reset();
  waiting.reset();  // before the loop has told it
  REQUIRE(world.budget.take(100).finished());
}

TEST_CASE("very many that wait for parts are served without a deep stack") {
  BudgetWorld world;
  std::optional<Budget::Part> held(world.budget.take(100).take());
  std::vector<Task<Budget::Part>> waiting;
  for (int i = 0; i < 100'000; ++i) waiting.push_back(world.budget.take(0));
  held.reset();
  world.settle();
  for (auto& task : waiting) REQUIRE(task.finished());
}

}  // namespace
}  // namespace cbs::transfer
