// Which host of a fan-out begins next, and when.
#pragma once

#include <kj/common.h>
#include <kj/time.h>

#include <cstdint>

namespace cbs::core {

struct FanLimits {
  uint32_t hosts = 0;
  uint32_t atOnce = 1;                   // at least one
  uint32_t batch = 0;                    // hosts that all end before the next ones begin; 0: none
  uint32_t maxFailures = UINT32_MAX;     // once more than this have failed, none begins
  kj::Duration delay = 0 * kj::SECONDS;  // between the beginnings of two hosts; of two batches, if there are any
  kj::Maybe<kj::TimePoint> deadline;     // from then on none begins
};

// Why hosts that have not begun never will.
enum class FanStop { NONE, FAILURES, DEADLINE, CANCELLED, DRAINING };

// Hosts begin in the order of their places. All calls take constant time.
class FanPlan {
 public:
  explicit FanPlan(FanLimits limits) : limits_(limits) {}

  // Begins on the next host, and gives its place; nothing if none may begin now.
  kj::Maybe<uint32_t> next(kj::TimePoint now);
  // When to ask next() again even if nothing has ended by then; nothing: only an end can change its answer.
  kj::Maybe<kj::TimePoint> due() const;

  // A host on which it had begun has ended.
  void ended(bool failed);
  // None begins any more. The first reason stays.
  void stop(FanStop why);

  FanStop stopped() const { return stop_; }
  uint32_t begun() const { return begun_; }
  uint32_t running() const { return running_; }
  uint32_t failed() const { return failed_; }
  // Of those that may still begin.
  uint32_t waiting() const { return stop_ == FanStop::NONE ? limits_.hosts - begun_ : 0; }
  // Nothing runs, and nothing will.
  bool over() const { return running_ == 0 && waiting() == 0; }

 private:
  bool beginsBatch() const { return limits_.batch > 0 && begun_ % limits_.batch == 0; }
  bool hasRoom() const;
  bool isPaced() const;

  const FanLimits limits_;
  uint32_t begun_ = 0;
  uint32_t running_ = 0;
  uint32_t failed_ = 0;
  kj::TimePoint notBefore_ = kj::origin<kj::TimePoint>();  // for what is paced
  FanStop stop_ = FanStop::NONE;
};

}  // namespace cbs::core
