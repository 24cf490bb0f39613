// How long things take, in buckets of fixed bounds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cbs::telemetry {

// Counts durations in microseconds. Each power of two is divided into eight buckets, so that a percentile is at most an
// eighth too high, in 2.3 KiB and without a search. Durations beyond 2^39 µs (six days) count as that. Those up to each
// of the schema's bucketBoundsUs are counted apart, and exactly.
class LatencyHistogram {
 public:
  void record(uint64_t microseconds);

  // The bound, in microseconds, that `fraction` (0 to 1) of what was recorded stayed below; never more than the
  // largest. 0 if nothing was recorded.
  uint64_t percentile(double fraction) const;

  // How many were at most as long as each of bucketBoundsUs.
  std::vector<uint64_t> withinBounds() const;

  uint64_t count() const { return count_; }
  uint64_t sum() const { return sum_; }
  uint64_t largest() const { return largest_; }

 private:
  static constexpr unsigned kBitsPerStep = 3;
  static constexpr unsigned kHighestBit = 39;
  static constexpr size_t kBuckets = (kHighestBit - kBitsPerStep + 1) << kBitsPerStep;

  static size_t bucketOf(uint64_t microseconds);
  static uint64_t upperBound(size_t bucket);

  static const std::vector<uint64_t>& bounds();

  std::array<uint64_t, kBuckets> buckets_ = {};
  // Each counts those that are longer than the bound before its own and not longer than that.
  std::vector<uint64_t> upToBound_ = std::vector<uint64_t>(bounds().size());
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t largest_ = 0;
};

}  // namespace cbs::telemetry
