// How fast bytes go, over the last seconds.
#pragma once

#include <cstdint>
#include <deque>

namespace cbs::cli {

class RateMeter {
 public:
  // So many bytes in all by that time, in milliseconds from any start. Neither goes back.
  void add(uint64_t ms, uint64_t bytes);

  // Bytes a second; 0 until two times are known.
  uint64_t perSecond() const;

 private:
  struct Sample {
    uint64_t ms;
    uint64_t bytes;
  };
  std::deque<Sample> samples_;
};

}  // namespace cbs::cli
