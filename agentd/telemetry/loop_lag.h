// How late the event loop is: what a caller feels when something blocks it.
#pragma once

#include "common/task.h"

#include <kj/timer.h>

#include <cstdint>
#include <deque>

namespace cbs::telemetry {

// Asks the timer to be woken again and again, and notes how much later than that it is. A resolution of a millisecond
// is what the event loop's timer has.
class LoopLag {
 public:
  explicit LoopLag(kj::Timer& timer);
  KJ_DISALLOW_COPY(LoopLag);

  // Over the last minute, in microseconds; 0 if nothing was measured.
  uint64_t p99Us() const;
  uint64_t maxUs() const;

 private:
  struct Sample {
    kj::TimePoint at;
    uint64_t lagUs;
  };

  Task<void> measure();
  // Those of the last minute, in rising order.
  std::deque<uint64_t> recent() const;

  kj::Timer& timer_;
  std::deque<Sample> samples_;
  Task<void> measuring_;
};

}  // namespace cbs::telemetry
