// How much a sum has grown lately.
#pragma once

#include <cstdint>
#include <deque>

namespace cbs::telemetry {

class RecentCount {
 public:
  explicit RecentCount(uint64_t windowMs) : windowMs_(windowMs) {}

  // Takes down the sum as it is now, which is at first compared with 0, and gives how much it has grown within the
  // window. What has grown between two calls counts as of the later one. A sum that has become smaller begins anew.
  uint64_t update(uint64_t sum, uint64_t nowMs);

 private:
  struct Growth {
    uint64_t atMs;
    uint64_t count;
  };

  void forgetBefore(uint64_t nowMs);

  const uint64_t windowMs_;
  uint64_t last_ = 0;
  std::deque<Growth> growths_;  // at most kSlices and one
};

}  // namespace cbs::telemetry
