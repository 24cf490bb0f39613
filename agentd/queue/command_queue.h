// Where commands wait for their turn.
#pragma once

#include "agentd/core/lanes.h"
#include "common/error.h"
#include "common/task.h"

#include <kj/timer.h>

#include <list>
#include <string>
#include <utility>

namespace cbs::queue {

// Who wants to run a command, and where.
struct Ticket {
  uint32_t caller = 0;  // user id
  std::string host;
  kj::Maybe<kj::Duration> deadline;  // how long to wait at most; nothing: for ever
};

// What the queue is doing, and sums since its start.
struct QueueFigures {
  uint32_t active = 0;  // commands that run
  uint32_t depth = 0;   // commands that wait
  uint32_t lanes = 0;   // open, busy or idle
  uint64_t accepted = 0;
  uint64_t rejected = 0;  // when they came, or later by the policy discard_oldest
  uint64_t expired = 0;   // their deadline passed while they waited
};

class CommandQueue;

// The right to run one command. Its end lets in the one that waits longest.
class [[nodiscard]] Lane {
 public:
  Lane(Lane&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)) {}
  Lane& operator=(Lane&& other) noexcept {
    std::swap(queue_, other.queue_);
    return *this;
  }
  ~Lane();

 private:
  friend CommandQueue;
  explicit Lane(CommandQueue& queue) : queue_(&queue) {}

  CommandQueue* queue_;
};

// Lets commands in, first come, first served. It outlives its lanes and the tasks of enter.
class CommandQueue {
 public:
  CommandQueue(kj::Timer& timer, core::LaneLimits limits);
  KJ_DISALLOW_COPY(CommandQueue);

  // Resolves with a lane: at once, without a turn of the event loop, if one is free. A task that is dropped leaves the
  // queue.
  //
  // Fails with overloaded/queueFull (facts `policy`, `active`, `depth`, `capacity`, `host`), timedOut/waitTimedOut
  // (facts `depth`, `host`), and overloaded/draining.
  Task<Expected<Lane>> enter(Ticket ticket);

  // Commands that run or wait go on.
  void setLimits(core::LaneLimits limits);

  // From now on refuses whoever comes. Those that wait still get their turn.
  void drain() { draining_ = true; }
  bool draining() const { return draining_; }

  QueueFigures figures() const;

 private:
  friend Lane;
  class Waiter;

  void release();
  void admitOldest();
  void refuseOldest();
  Error full(const std::string& host) const;

  kj::Timer& timer_;
  core::LaneLimits limits_;
  core::Lanes lanes_;
  std::list<Waiter*> waiting_;  // each is in the frame of the task that waits
  bool draining_ = false;
  uint64_t accepted_ = 0;
  uint64_t rejected_ = 0;
  uint64_t expired_ = 0;
};

}  // namespace cbs::queue
