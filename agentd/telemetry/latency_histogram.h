// How long things take, in buckets of fixed bounds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cbs::telemetry {

// Counts durations in microseconds. Each power of two is divided into eight buckets, so that a percentile is at most an
// eighth too high, in 2.3 KiB and without a search. Durations beyond 2^39 µs (six days) count as that.
class LatencyHistogram {
 public:
  void record(uint64_t microseconds);

  // The bound, in microseconds, that `fraction` (0 to 1) of what was recorded stayed below; never more than the
  // largest. 0 if nothing was recorded.
  uint64_t percentile(double fraction) const;

  uint64_t count() const { return count_; }
  uint64_t sum() const { return sum_; }
  uint64_t largest() const { return largest_; }

 private:
  static constexpr unsigned kBitsPerStep = 3;
  static constexpr unsigned kHighestBit = 39;
  static constexpr size_t kBuckets = (kHighestBit - kBitsPerStep + 1) << kBitsPerStep;

  static size_t bucketOf(uint64_t microseconds);
  static uint64_t upperBound(size_t bucket);

  std::array<uint64_t, kBuckets> buckets_ = {};
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t largest_ = 0;
};

}  // namespace cbs::telemetry
