#include "agentd/queue/command_queue.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace cbs::queue {
namespace {

using core::LaneLimits;

const kj::TimePoint kStart = kj::origin<kj::TimePoint>() + 1 * kj::HOURS;

// A queue whose time stands still until it is moved.
struct Stage {
  explicit Stage(LaneLimits limits) : queue(timer, limits) {}

  // The task of a command that is called `name`.
  Task<Expected<Lane>> enter(std::string name = "web1") { return queue.enter({1000, std::move(name), nullptr}); }
  Task<Expected<Lane>> enterWithin(kj::Duration deadline) { return queue.enter({1000, "web1", deadline}); }
  // A lane that is free now.
  Lane take() {
    auto task = enter();
    REQUIRE(task.finished());
    auto lane = task.take();
    REQUIRE(lane);
    return kj::mv(*lane);
  }
  void settle() { loop.run(); }

  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  kj::TimerImpl timer{kStart};
  CommandQueue queue;
};

LaneLimits limits(RejectionPolicy policy = RejectionPolicy::ABORT) {
  return {.core = 1, .max = 1, .queueCapacity = 2, .keepAlive = 60 * kj::SECONDS, .policy = policy};
}

TEST_CASE("a free lane is had at once, without a turn of the event loop") {
  Stage stage(limits());
  Lane lane = stage.take();
  REQUIRE(stage.queue.figures().active == 1);
  REQUIRE(stage.queue.figures().accepted == 1);
}

TEST_CASE("a lane that ends lets in whoever waits longest") {
  Stage stage(limits());
  auto lane = kj::heap<Lane>(stage.take());
  auto first = stage.enter();
  auto second = stage.enter();
  REQUIRE(stage.queue.figures().depth == 2);
  lane = nullptr;
  stage.settle();
  REQUIRE(first.finished());
  REQUIRE_FALSE(second.finished());
  { auto taken = first.take(); }
  stage.settle();
  REQUIRE(second.finished());
  { auto taken = second.take(); }
  REQUIRE(stage.queue.figures().active == 0);
  REQUIRE(stage.queue.figures().depth == 0);
}

TEST_CASE("a full queue refuses with the facts") {
  Stage stage(limits());
  Lane lane = stage.take();
  auto first = stage.enter();
  auto second = stage.enter();
  auto third = stage.enter("db1");
  REQUIRE(third.finished());
  Error error = third.take().error();
  REQUIRE(error.kind == ErrorKind::OVERLOADED);
  REQUIRE(error.reason == Reason::QUEUE_FULL);
  REQUIRE(error.facts ==
          std::vector<Fact>{{"policy", "abort"}, {"active", "1"}, {"depth", "2"}, {"capacity", "2"}, {"host", "db1"}});
  REQUIRE(stage.queue.figures().rejected == 1);
}

TEST_CASE("a full queue opens extra lanes for those that have waited longest") {
  Stage stage({.core = 1, .max = 2, .queueCapacity = 1});
  Lane lane = stage.take();
  auto first = stage.enter();
  auto second = stage.enter();
  stage.settle();
  REQUIRE(first.finished());
  REQUIRE_FALSE(second.finished());
  REQUIRE(stage.queue.figures().lanes == 2);
}

TEST_CASE("the deadline counts while a command waits") {
  Stage stage(limits());
  auto lane = kj::heap<Lane>(stage.take());
  auto hasty = stage.enterWithin(5 * kj::SECONDS);
  auto patient = stage.enter();
  stage.timer.advanceTo(kStart + 5 * kj::SECONDS);
  stage.settle();
  REQUIRE(hasty.finished());
  Error error = hasty.take().error();
  REQUIRE(error.kind == ErrorKind::TIMED_OUT);
  REQUIRE(error.reason == Reason::WAIT_TIMED_OUT);
  REQUIRE(error.fact("host") == "web1");
  REQUIRE(stage.queue.figures().expired == 1);
  REQUIRE(stage.queue.figures().depth == 1);
  lane = nullptr;
  stage.settle();
  REQUIRE(patient.finished());
}

TEST_CASE("a deadline does not matter to whoever gets a lane at once, nor does one beyond all time overflow") {
  Stage stage(limits());
  auto immediate = stage.enterWithin(0 * kj::SECONDS);
  REQUIRE(immediate.finished());
  auto waiting = stage.enterWithin(INT64_MAX * kj::NANOSECONDS);
  stage.settle();
  REQUIRE_FALSE(waiting.finished());
}

TEST_CASE("a lane that comes in the same moment as the deadline is not lost") {
  Stage stage(limits());
  auto lane = kj::heap<Lane>(stage.take());
  auto hasty = stage.enterWithin(5 * kj::SECONDS);
  auto patient = stage.enter();
  bool timeFirst = GENERATE(false, true);
  if (timeFirst) stage.timer.advanceTo(kStart + 5 * kj::SECONDS);
  lane = nullptr;
  if (!timeFirst) stage.timer.advanceTo(kStart + 5 * kj::SECONDS);
  stage.settle();
  REQUIRE(hasty.finished());
  { auto result = hasty.take(); }
  stage.settle();
  REQUIRE(patient.finished());
}

TEST_CASE("a task that is dropped leaves the queue") {
  Stage stage(limits());
  auto lane = kj::heap<Lane>(stage.take());
  auto first = kj::heap<Task<Expected<Lane>>>(stage.enter());
  auto second = stage.enter();
  first = nullptr;
  REQUIRE(stage.queue.figures().depth == 1);
  lane = nullptr;
  stage.settle();
  REQUIRE(second.finished());
}

TEST_CASE("a task that is dropped after a lane was given to it, and before it saw it, passes the lane on") {
  Stage stage(limits());
  auto lane = kj::heap<Lane>(stage.take());
  auto first = kj::heap<Task<Expected<Lane>>>(stage.enter());
  auto second = stage.enter();
  lane = nullptr;
  first = nullptr;
  stage.settle();
  REQUIRE(second.finished());
  REQUIRE(stage.queue.figures().active == 1);
}

TEST_CASE("discard_oldest refuses whoever waits longest") {
  Stage stage(limits(RejectionPolicy::DISCARD_OLDEST));
  Lane lane = stage.take();
  auto first = stage.enter("old");
  auto second = stage.enter();
  auto third = stage.enter();
  stage.settle();
  REQUIRE(first.finished());
  Error error = first.take().error();
  REQUIRE(error.reason == Reason::QUEUE_FULL);
  REQUIRE(error.fact("policy") == "discard_oldest");
  REQUIRE(error.fact("host") == "old");
  REQUIRE_FALSE(second.finished());
  REQUIRE_FALSE(third.finished());
  REQUIRE(stage.queue.figures().depth == 2);
  REQUIRE(stage.queue.figures().rejected == 1);
}

TEST_CASE("discard says in the refusal that it was meant to be") {
  Stage stage(limits(RejectionPolicy::DISCARD));
  Lane lane = stage.take();
  auto first = stage.enter();
  auto second = stage.enter();
  REQUIRE(stage.enter().take().error().fact("policy") == "discard");
}

TEST_CASE("block lets commands wait beyond the queue, in order") {
  Stage stage(limits(RejectionPolicy::BLOCK));
  auto lane = kj::heap<Lane>(stage.take());
  std::deque<Task<Expected<Lane>>> tasks;
  for (int i = 0; i < 50; ++i) tasks.push_back(stage.enter());
  REQUIRE(stage.queue.figures().depth == 50);
  lane = nullptr;
  for (auto& task : tasks) {
    stage.settle();
    REQUIRE(task.finished());
    auto taken = task.take();
    REQUIRE(taken);
  }
}

TEST_CASE("a queue that drains refuses who comes, and those that wait still get their turn") {
  Stage stage(limits());
  auto lane = kj::heap<Lane>(stage.take());
  auto waiting = stage.enter();
  stage.queue.drain();
  REQUIRE(stage.enter().take().error().reason == Reason::DRAINING);
  lane = nullptr;
  stage.settle();
  REQUIRE(waiting.finished());
}

TEST_CASE("an extra lane closes when it has been idle for its time") {
  Stage stage({.core = 1, .max = 2, .queueCapacity = 0, .keepAlive = 60 * kj::SECONDS});
  {
    Lane one = stage.take();
    Lane two = stage.take();
  }
  REQUIRE(stage.queue.figures().lanes == 2);
  stage.timer.advanceTo(kStart + 61 * kj::SECONDS);
  REQUIRE(stage.queue.figures().lanes == 1);
}

// Runs a queue through a random schedule of arrivals, ends, cancellations and time, and checks after each step what
// must always hold.
class Schedule {
 public:
  Schedule(unsigned seed, LaneLimits limits) : random_(seed), limits_(limits), stage_(limits) {}

  void run() {
    for (int step = 0; step < 400; ++step) {
      act();
      if (random_() % 3 != 0) observe();
    }
    finish();
  }

 private:
  void act() {
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2:
        return arrive();
      case 3:
        return stage_.timer.advanceTo(stage_.timer.now() + (random_() % 3000) * kj::MILLISECONDS);
      case 4:
        return cancelOne();
      default:
        return endOne();
    }
  }

  void arrive() {
    bool hasDeadline = random_() % 3 == 0;
    auto task = hasDeadline ? stage_.enterWithin((random_() % 5000) * kj::MILLISECONDS) : stage_.enter();
    waiting_.push_back(kj::mv(task));
  }

  void cancelOne() {
    if (waiting_.empty()) return;
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(random_() % waiting_.size()));
    ++cancelled_;
  }

  void endOne() {
    if (!running_.empty()) running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(random_() % running_.size()));
  }

  // Takes what has been decided. Whoever is let in must not leave an earlier one waiting.
  void observe() {
    stage_.settle();
    for (auto command = waiting_.begin(); command != waiting_.end();) {
      if (!command->finished()) {
        ++command;
        continue;
      }
      auto result = command->take();
      if (result) {
        REQUIRE(std::none_of(waiting_.begin(), command, [](auto& earlier) { return !earlier.finished(); }));
        running_.push_back(kj::mv(*result));
      } else {
        ++failed_;
      }
      command = waiting_.erase(command);
    }
    check();
  }

  void check() {
    auto figures = stage_.queue.figures();
    REQUIRE(figures.active == running_.size());
    REQUIRE(figures.depth == waiting_.size());
    REQUIRE(figures.active <= limits_.max);
    REQUIRE(figures.lanes <= limits_.max);
    if (limits_.policy != RejectionPolicy::BLOCK) REQUIRE(figures.depth <= limits_.queueCapacity);
    if (figures.depth > 0) REQUIRE(figures.active >= limits_.core);
    uint64_t refused = figures.rejected + figures.expired;
    REQUIRE(refused >= failed_);
    REQUIRE(refused <= failed_ + cancelled_);  // one that was dropped may not have seen its refusal
  }

  // All that still waits gets its turn when those that run end.
  void finish() {
    observe();
    while (!running_.empty() || !waiting_.empty()) {
      REQUIRE_FALSE(running_.empty());
      endOne();
      observe();
    }
    REQUIRE(stage_.queue.figures().active == 0);
  }

  std::mt19937 random_;
  LaneLimits limits_;
  Stage stage_;
  std::deque<Task<Expected<Lane>>> waiting_;
  std::vector<Lane> running_;
  uint64_t failed_ = 0;
  uint64_t cancelled_ = 0;
};

TEST_CASE("no random schedule loses a lane, breaks a bound or lets one overtake another") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    INFO("seed " << seed);
    auto policy = static_cast<RejectionPolicy>(seed % 4);
    Schedule(seed, {.core = 1 + seed % 3,
                    .max = 1 + seed % 3 + seed % 5,
                    .queueCapacity = seed % 7,
                    .keepAlive = 2 * kj::SECONDS,
                    .policy = policy})
        .run();
  }
}

}  // namespace
}  // namespace cbs::queue
