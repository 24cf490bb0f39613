// Where commands wait for their turn.
#pragma once

#include "agentd/core/lanes.h"
#include "agentd/core/schedule.h"
#include "common/error.h"
#include "common/task.h"

#include <kj/timer.h>

#include <list>
#include <map>
#include <string>
#include <utility>

namespace cbs::queue {

// Who wants to run a command, and where.
struct Ticket {
  std::string caller;                     // who takes turns with whom
  std::string host;                       // what makes two hosts the same one
  kj::Maybe<kj::Duration> deadline = {};  // how long to wait at most; nothing: for ever
  schema::Priority priority = schema::Priority::NORMAL;
  std::string hostName = {};  // for messages; empty: `host`
};

// What the queue is doing, and sums since its start. Of those who join it counts the lanes alone.
struct QueueFigures {
  uint32_t active = 0;  // lanes at work
  uint32_t depth = 0;   // commands that wait
  uint32_t lanes = 0;   // open, busy or idle
  uint64_t accepted = 0;
  uint64_t rejected = 0;                       // when they came, or later by the policy discard_oldest
  std::map<Reason, uint64_t> rejections = {};  // the same by what for
  uint64_t expired = 0;                        // their deadline passed while they waited
};

class CommandQueue;

// The right to run one command. Its end lets in the next of those that wait.
class [[nodiscard]] Lane {
 public:
  Lane(Lane&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)), slot_(other.slot_) {}
  Lane& operator=(Lane&& other) noexcept {
    std::swap(queue_, other.queue_);
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~Lane();

 private:
  friend CommandQueue;
  Lane(CommandQueue& queue, core::Schedule::Slot slot) : queue_(&queue), slot_(slot) {}

  CommandQueue* queue_;
  core::Schedule::Slot slot_;
};

// One that waits for a lane. It leaves the queue before its end.
class Entrant : public core::Schedule::Item {
 public:
  // It is called from within the queue's own calls.
  virtual void admitted(Lane lane) = 0;

 protected:
  ~Entrant() = default;
};

// Lets commands in when it is their turn (core/schedule.h) and a lane is free (core/lanes.h). A command whose host or
// caller is at its limit waits, whatever lanes are free, and holds up no other. It outlives its lanes and the tasks of
// enter.
class CommandQueue {
 public:
  CommandQueue(kj::Timer& timer, core::LaneLimits limits, core::ShareLimits shares = {});
  KJ_DISALLOW_COPY(CommandQueue);

  // Resolves with a lane: at once, without a turn of the event loop, if the command can run now. A task that is dropped
  // leaves the queue.
  //
  // Fails with overloaded/queueFull (facts `policy`, `active`, `depth`, `capacity`, `host`), overloaded/draining, and
  // timedOut/waitTimedOut (facts `depth`, `host`).
  Task<Expected<Lane>> enter(Ticket ticket);

  // The same for what has a bound of its own, and waits in another form than a task: it is never refused, and does not
  // count for the queue's capacity. It may be admitted before this returns.
  void join(Entrant& entrant, schema::Priority priority, const std::string& caller, const std::string& host);
  // Takes out one that waits.
  void leave(Entrant& entrant) { schedule_.remove(entrant); }

  // A lane for what runs already, whatever the limits.
  Lane occupy(const std::string& caller, const std::string& host);

  // Commands that run or wait go on.
  void setLimits(core::LaneLimits limits, core::ShareLimits shares);

  // From now on refuses whoever comes to enter. Those that wait still get their turn.
  void drain() { draining_ = true; }
  bool draining() const { return draining_; }

  QueueFigures figures() const;

 private:
  friend Lane;
  class Waiter;

  void release(core::Schedule::Slot slot);
  void admit();
  void admitNext();
  bool makeRoom(Waiter& comer);
  void refuseOldest();
  Error refusal(Error why);
  bool overfull() const;
  Error full(const Ticket& ticket) const;

  kj::Timer& timer_;
  core::LaneLimits limits_;
  core::Lanes lanes_;
  core::Schedule schedule_;     // of entrants
  std::list<Waiter*> waiters_;  // of them those in the frame of a task, the one that has waited longest first
  bool draining_ = false;
  uint64_t accepted_ = 0;
  std::map<Reason, uint64_t> rejections_;
  uint64_t expired_ = 0;
};

}  // namespace cbs::queue
