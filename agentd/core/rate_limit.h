// Spreads bytes over time, so that no more than so many pass in a second.
#pragma once

#include <kj/time.h>

#include <cstdint>

namespace cbs::core {

class RateLimit {
 public:
  // `bytesPerSecond` 0: no limit.
  RateLimit(uint64_t bytesPerSecond, kj::TimePoint now) : rate_(bytesPerSecond), free_(now) {}

  // Takes room for so many bytes and gives the time at which they may pass. What was not used counts for at most a
  // quarter of a second.
  kj::TimePoint take(uint64_t bytes, kj::TimePoint now);

 private:
  uint64_t rate_;
  kj::TimePoint free_;  // when all that was taken will have passed
};

}  // namespace cbs::core
