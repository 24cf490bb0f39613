// How many commands run at once, how many wait, and what becomes of the rest: the policy of Java's ThreadPoolExecutor,
// which the configuration's names come from, with lanes in place of threads.
//
// Up to `core` commands run at once. Those that come then wait. When the queue is full, extra lanes open, up to `max`;
// one that has been idle for `keepAlive` closes again. When those are busy too, `policy` decides. Unlike there, an
// extra lane is for whoever is next among those that wait, not for the one that has come.
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

// What becomes of a command that comes when the queue is full and no lane opens for that.
enum class WhenFull {
  WAIT,            // all the same
  REPLACE_OLDEST,  // it waits, and the one that has waited longest is refused for it
  REFUSE,
};

class Lanes {
 public:
  // With the policy BLOCK this many may wait whatever the queue's capacity, as all that grows has a bound.
  static constexpr uint32_t kMostBlocked = 100'000;

  explicit Lanes(LaneLimits limits);

  // Takes a lane that is free: an idle one, or a new one as long as the core is not complete. False if there is none.
  bool take(kj::TimePoint now);
  // Opens an extra lane and takes it, as the queue is full. False if there are as many as may be.
  bool takeExtra();
  // Takes one for what runs already, whatever the limits.
  void occupy() { ++active_; }
  // Gives one back.
  void leave(kj::TimePoint now);

  // For a command that comes while `waiting` others wait.
  WhenFull whenFull(size_t waiting) const;

  // For what comes. Commands that run go on, whatever the new limits.
  void setLimits(LaneLimits limits);

  uint32_t active() const { return active_; }
  // Those that are open, busy or idle.
  uint32_t open(kj::TimePoint now) const;

 private:
  void closeIdle(kj::TimePoint now);
  void closeSurplus();
  size_t closable(kj::TimePoint now) const;
  uint32_t count() const { return active_ + static_cast<uint32_t>(idleSince_.size()); }

  LaneLimits limits_;
  uint32_t active_ = 0;
  std::deque<kj::TimePoint> idleSince_;  // idle lanes, the longest idle first; the last is used first
};

}  // namespace cbs::core
