// How many commands run at once, how many wait, and what becomes of the rest: the policy of Java's ThreadPoolExecutor,
// which the configuration's names come from, with lanes in place of threads.
//
// Up to `core` commands run at once. Those that come then wait. When the queue is full, extra lanes open, up to `max`;
// one that has been idle for `keepAlive` closes again. When those are busy too, `policy` decides. Unlike there, whoever
// waits longest is always the next to run.
#pragma once

#include "common/config_types.h"

#include <kj/time.h>

#include <cstdint>
#include <deque>

namespace cbs::core {

struct LaneLimits {
  uint32_t core = 10;
  uint32_t max = 50;
  uint32_t queueCapacity = 1000;
  kj::Duration keepAlive = 60 * kj::SECONDS;
  RejectionPolicy policy = RejectionPolicy::ABORT;
};

// What a command does that has come.
enum class Arrival {
  RUN,             // in a lane that is its own now
  WAIT,            // at the end of the queue
  WAIT_AND_ADMIT,  // the same; a lane has opened, and the head of the queue has it now
  REPLACE_OLDEST,  // the same; the head of the queue is refused for it
  REFUSED,
};

class Lanes {
 public:
  // With the policy BLOCK this many may wait whatever the queue's capacity, as all that grows has a bound.
  static constexpr uint32_t kMostBlocked = 100'000;

  explicit Lanes(LaneLimits limits);

  // A command comes while `waiting` others wait.
  Arrival arrive(kj::TimePoint now, size_t waiting);

  // A command leaves its lane while `waiting` others wait. True if the head of the queue has the lane now.
  bool leave(kj::TimePoint now, size_t waiting);

  // For what comes. Commands that run go on, whatever the new limits.
  void setLimits(LaneLimits limits);
  // True if the head of the queue has a lane now that the limits leave free while others wait. To be asked again and
  // again after they were raised.
  bool admit(size_t waiting);

  uint32_t active() const { return active_; }
  // Those that are open, busy or idle.
  uint32_t open(kj::TimePoint now) const;

 private:
  void closeIdle(kj::TimePoint now);
  size_t closable(kj::TimePoint now) const;
  uint32_t count() const { return active_ + static_cast<uint32_t>(idleSince_.size()); }
  Arrival whenFull(size_t waiting) const;

  LaneLimits limits_;
  uint32_t active_ = 0;
  std::deque<kj::TimePoint> idleSince_;  // idle lanes, the longest idle first; the last is used first
};

}  // namespace cbs::core
