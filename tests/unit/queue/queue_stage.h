// A command queue whose time stands still until it is moved.
#pragma once

#include "agentd/queue/command_queue.h"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <optional>
#include <string>

namespace cbs::queue {

using core::LaneLimits;

inline const kj::TimePoint kStart = kj::origin<kj::TimePoint>() + 1 * kj::HOURS;

// One that waits without a task.
class Guest final : public Entrant {
 public:
  Guest(CommandQueue& queue, schema::Priority priority, const std::string& caller, const std::string& host)
      : queue_(queue) {
    queue.join(*this, priority, caller, host);
  }
  ~Guest() {
    if (waits()) queue_.leave(*this);
  }
  void admitted(Lane lane) override { lane_.emplace(kj::mv(lane)); }

  bool finished() const { return lane_.has_value(); }
  Expected<Lane> take() {
    Lane lane = kj::mv(*lane_);
    lane_.reset();
    return lane;
  }

 private:
  CommandQueue& queue_;
  std::optional<Lane> lane_;
};

struct Stage {
  explicit Stage(LaneLimits limits, core::ShareLimits shares = {}) : queue(timer, limits, shares) {}

  // The task of a command for a host.
  Task<Expected<Lane>> enter(std::string host = "web1") {
    return queue.enter({.caller = "me", .host = std::move(host)});
  }
  Task<Expected<Lane>> enterWithin(kj::Duration deadline) {
    return queue.enter({.caller = "me", .host = "web1", .deadline = deadline});
  }
  Task<Expected<Lane>> enterFor(std::string caller) {
    return queue.enter({.caller = std::move(caller), .host = "web1"});
  }
  Task<Expected<Lane>> enterAs(schema::Priority priority) {
    return queue.enter({.caller = "me", .host = "web1", .priority = priority});
  }
  std::unique_ptr<Guest> join(const std::string& host = "web1") {
    return std::make_unique<Guest>(queue, schema::Priority::NORMAL, "jobs", host);
  }
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

}  // namespace cbs::queue
