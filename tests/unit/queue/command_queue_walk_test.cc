// What must hold for a queue whatever happens.
#include "tests/unit/queue/queue_stage.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace cbs::queue {
namespace {

// Runs a queue through a random schedule of arrivals, ends, cancellations, limits and time, and checks after each step
// what must always hold.
class Walk {
 public:
  Walk(unsigned seed, LaneLimits limits, core::ShareLimits shares)
      : random_(seed), limits_(limits), shares_(shares), stage_(limits, shares) {}

  void run() {
    for (int step = 0; step < 400; ++step) {
      act();
      if (random_() % 3 != 0) observe();
    }
    finish();
  }

 private:
  // It has a task, or is a guest.
  struct Command {
    queue::Ticket ticket;
    std::optional<Task<Expected<Lane>>> task = {};
    std::unique_ptr<Guest> guest = {};

    bool finished() const { return guest ? guest->finished() : task->finished(); }
    Expected<Lane> take() { return guest ? guest->take() : task->take(); }
  };
  struct Running {
    queue::Ticket ticket;
    Lane lane;
  };

  void act() {
    switch (random_() % 9) {
      case 0:
      case 1:
      case 2:
        return arrive();
      case 3:
        return stage_.timer.advanceTo(stage_.timer.now() + (random_() % 3000) * kj::MILLISECONDS);
      case 4:
        return cancelOne();
      case 5:
        return changeLimits();
      default:
        return endOne();
    }
  }

  void arrive() {
    queue::Ticket ticket{.caller = "c" + std::to_string(random_() % 3), .host = "h" + std::to_string(random_() % 3)};
    ticket.priority = static_cast<schema::Priority>(random_() % 3);
    if (random_() % 4 == 0) {
      auto guest = std::make_unique<Guest>(stage_.queue, ticket.priority, ticket.caller, ticket.host);
      return void(waiting_.push_back({.ticket = kj::mv(ticket), .guest = kj::mv(guest)}));
    }
    if (random_() % 3 == 0) ticket.deadline = (random_() % 5000) * kj::MILLISECONDS;
    auto copy = ticket;
    waiting_.push_back({.ticket = kj::mv(copy), .task = stage_.queue.enter(kj::mv(ticket))});
  }

  void cancelOne() {
    if (waiting_.empty()) return;
    auto command = waiting_.begin() + static_cast<std::ptrdiff_t>(random_() % waiting_.size());
    cancelled_ += command->task ? 1 : 0;
    waiting_.erase(command);
  }

  void endOne() {
    if (!running_.empty()) running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(random_() % running_.size()));
  }

  // Now and then, so that they mostly hold. What runs goes on, so it may be more than the limits allow for a while.
  void changeLimits() {
    if (random_() % 8 != 0) return;
    limits_.core = 1 + static_cast<uint32_t>(random_() % 3);
    shares_.perHost = static_cast<uint32_t>(random_() % 4);
    shares_.perCaller = static_cast<uint32_t>(random_() % 4);
    stage_.queue.setLimits(limits_, shares_);
  }

  // Takes what has been decided.
  void observe() {
    stage_.settle();
    for (auto command = waiting_.begin(); command != waiting_.end();) {
      if (!command->finished()) {
        ++command;
        continue;
      }
      auto result = command->take();
      if (result) {
        requireFirstOfItsLine(command);
        running_.push_back({kj::mv(command->ticket), kj::mv(*result)});
      } else {
        REQUIRE(command->task);  // guests are never refused
        ++failed_;
      }
      command = waiting_.erase(command);
    }
    check();
  }

  // Whoever is let in must not leave an earlier one of its like waiting.
  void requireFirstOfItsLine(std::deque<Command>::iterator command) {
    REQUIRE(std::none_of(waiting_.begin(), command, [&](auto& earlier) {
      auto &a = earlier.ticket, &b = command->ticket;
      return a.caller == b.caller && a.host == b.host && a.priority == b.priority && !earlier.finished();
    }));
  }

  void check() {
    auto figures = stage_.queue.figures();
    auto counted = [](auto& command) { return command.task.has_value(); };
    REQUIRE(figures.active == running_.size());
    REQUIRE(figures.depth == std::count_if(waiting_.begin(), waiting_.end(), counted));
    REQUIRE(figures.active <= limits_.max);
    REQUIRE(figures.lanes <= limits_.max);
    if (limits_.policy != RejectionPolicy::BLOCK) REQUIRE(figures.depth <= limits_.queueCapacity);
    bool somethingCouldRun =
        std::any_of(waiting_.begin(), waiting_.end(), [&](auto& command) { return couldRun(command.ticket); });
    if (somethingCouldRun) REQUIRE(figures.active >= limits_.core);
    uint64_t refused = figures.rejected + figures.expired;
    REQUIRE(refused >= failed_);
    REQUIRE(refused <= failed_ + cancelled_);  // one that was dropped may not have seen its refusal
  }

  bool couldRun(const queue::Ticket& ticket) {
    auto atHost =
        std::count_if(running_.begin(), running_.end(), [&](auto& each) { return each.ticket.host == ticket.host; });
    auto ofCaller = std::count_if(running_.begin(), running_.end(),
                                  [&](auto& each) { return each.ticket.caller == ticket.caller; });
    return (shares_.perHost == 0 || atHost < shares_.perHost) &&
           (shares_.perCaller == 0 || ofCaller < shares_.perCaller);
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
  core::ShareLimits shares_;
  Stage stage_;
  std::deque<Command> waiting_;
  std::vector<Running> running_;
  uint64_t failed_ = 0;
  uint64_t cancelled_ = 0;
};

TEST_CASE("no random walk loses a lane, breaks a bound, leaves a lane idle or lets one overtake another of its like") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    auto policy = static_cast<RejectionPolicy>(seed % 4);
    LaneLimits limits{.core = 1 + seed % 3,
                      .max = 3 + seed % 5,
                      .queueCapacity = seed % 7,
                      .keepAlive = 2 * kj::SECONDS,
                      .policy = policy};
    Walk(seed, limits, {.perHost = seed % 5 % 3, .perCaller = seed % 4 % 3}).run();
  }
}

}  // namespace
}  // namespace cbs::queue
