#include "tests/unit/queue/queue_stage.h"

#include <catch2/generators/catch_generators.hpp>

#include <deque>
#include <vector>

namespace cbs::queue {
namespace {

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
  stage.queue.drain();
  { auto fourth = stage.enter(); }
  using Counts = std::map<Reason, uint64_t>;
  REQUIRE(stage.queue.figures().rejections == Counts{{Reason::QUEUE_FULL, 1}, {Reason::DRAINING, 1}});
  REQUIRE(stage.queue.figures().rejected == 2);
}

TEST_CASE("a host is told by its name") {
  Stage stage(limits());
  Lane lane = stage.take();
  auto waiting = stage.enter();
  auto waitingToo = stage.enter();
  auto refused = stage.queue.enter({.caller = "me", .host = "192.0.2.1:22", .hostName = "me@db1"});
  REQUIRE(refused.take().error().fact("host") == "me@db1");
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

TEST_CASE("a command whose host is at its limit waits while lanes are free, and holds up no other") {
  Stage stage({.core = 4, .max = 4, .queueCapacity = 4}, {.perHost = 1});
  auto lane = kj::heap<Lane>(stage.take());
  auto waiting = stage.enter();
  auto other = stage.enter("db1");
  REQUIRE_FALSE(waiting.finished());
  REQUIRE(other.finished());
  REQUIRE(stage.queue.figures().depth == 1);
  lane = nullptr;
  stage.settle();
  REQUIRE(waiting.finished());
}

TEST_CASE("a command whose caller is at its limit waits while lanes are free, and holds up no other") {
  Stage stage({.core = 4, .max = 4, .queueCapacity = 4}, {.perCaller = 1});
  auto lane = kj::heap<Lane>(stage.take());
  auto waiting = stage.enter("db1");
  auto other = stage.enterFor("you");
  REQUIRE_FALSE(waiting.finished());
  REQUIRE(other.finished());
  lane = nullptr;
  stage.settle();
  REQUIRE(waiting.finished());
}

TEST_CASE("no extra lane opens for commands whose host is at its limit") {
  Stage stage({.core = 1, .max = 4, .queueCapacity = 1}, {.perHost = 1});
  Lane lane = stage.take();
  auto waiting = stage.enter();
  REQUIRE(stage.enter().take().error().reason == Reason::QUEUE_FULL);
  REQUIRE(stage.queue.figures().lanes == 1);
  auto other = stage.enter("db1");
  REQUIRE(other.finished());
  REQUIRE(stage.queue.figures().lanes == 2);
}

TEST_CASE("limits that are raised let in at once those that they kept waiting") {
  Stage stage({.core = 4, .max = 4, .queueCapacity = 4}, {.perHost = 1});
  Lane lane = stage.take();
  auto first = stage.enter();
  auto second = stage.enter();
  stage.queue.setLimits({.core = 4, .max = 4, .queueCapacity = 4}, {.perHost = 2});
  stage.settle();
  REQUIRE(first.finished());
  REQUIRE_FALSE(second.finished());
  stage.queue.setLimits({.core = 2, .max = 4, .queueCapacity = 4}, {});
  stage.settle();
  REQUIRE_FALSE(second.finished());
  stage.queue.setLimits({.core = 3, .max = 4, .queueCapacity = 4}, {});
  stage.settle();
  REQUIRE(second.finished());
}

TEST_CASE("a higher priority overtakes, and callers take turns") {
  Stage stage({.core = 1, .max = 1});
  auto lane = kj::heap<Lane>(stage.take());
  auto mine = stage.enter();
  auto mineToo = stage.enter();
  auto yours = stage.enterFor("you");
  auto low = stage.enterAs(schema::Priority::LOW);
  auto high = stage.enterAs(schema::Priority::HIGH);
  lane = nullptr;
  for (auto* next : {&high, &mine, &yours, &mineToo, &low}) {
    stage.settle();
    REQUIRE(next->finished());
    auto taken = next->take();
    REQUIRE(taken);
  }
}

TEST_CASE("who joins takes turns with the rest, and no place in the queue") {
  Stage stage(limits());
  auto lane = kj::heap<Lane>(stage.take());
  std::deque<std::unique_ptr<Guest>> guests;
  for (int i = 0; i < 100; ++i) guests.push_back(stage.join());
  REQUIRE(stage.queue.figures().depth == 0);
  auto first = stage.enter();
  auto second = stage.enter();
  REQUIRE(stage.enter().take().error().fact("depth") == "2");
  lane = nullptr;
  for (size_t turn = 0; turn < 2; ++turn) {
    REQUIRE(guests[turn]->finished());
    { auto taken = guests[turn]->take(); }
    stage.settle();
    auto& next = turn == 0 ? first : second;
    REQUIRE(next.finished());
    auto taken = next.take();
    REQUIRE(taken);
  }
  auto figures = stage.queue.figures();
  REQUIRE(figures.accepted == 3);
  REQUIRE(figures.rejected == 1);
}

TEST_CASE("who joins is never refused, not even by a queue that drains, and opens no extra lane") {
  Stage stage({.core = 1, .max = 9, .queueCapacity = 0, .policy = RejectionPolicy::DISCARD_OLDEST});
  Lane lane = stage.take();
  auto one = stage.join();
  stage.queue.drain();
  auto another = stage.join();
  stage.settle();
  REQUIRE(one->waits());
  REQUIRE(another->waits());
  REQUIRE(stage.queue.figures().lanes == 1);
}

TEST_CASE("who joins is admitted at once where a lane is free, and can leave before") {
  Stage stage(limits());
  auto first = stage.join();
  REQUIRE(first->finished());
  auto second = stage.join();
  auto third = stage.join();
  second.reset();
  first.reset();
  REQUIRE(third->finished());
}

TEST_CASE("discard_oldest refuses the oldest of those who enter") {
  Stage stage({.core = 1, .max = 1, .queueCapacity = 1, .policy = RejectionPolicy::DISCARD_OLDEST});
  Lane lane = stage.take();
  auto guest = stage.join();
  auto old = stage.enter();
  auto young = stage.enter();
  stage.settle();
  REQUIRE(guest->waits());
  REQUIRE(old.finished());
  REQUIRE(old.take().error().fact("policy") == "discard_oldest");
  REQUIRE_FALSE(young.finished());
}

TEST_CASE("a queue that is full of what can run opens as many extra lanes as bring it back to its capacity") {
  Stage stage({.core = 1, .max = 4, .queueCapacity = 1});
  Lane lane = stage.take();
  auto guest = stage.join();
  auto first = stage.enter();
  auto second = stage.enter();  // the first turn is the guest's
  stage.settle();
  REQUIRE(guest->finished());
  REQUIRE(first.finished());
  REQUIRE_FALSE(second.finished());
  REQUIRE(stage.queue.figures().depth == 1);
  REQUIRE(stage.queue.figures().lanes == 3);
}

}  // namespace
}  // namespace cbs::queue
