#include "agentd/telemetry/latency_histogram.h"

#include "schema/engine.capnp.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace cbs::telemetry {

void LatencyHistogram::record(uint64_t microseconds) {
  ++buckets_[bucketOf(microseconds)];
  ++count_;
  sum_ += microseconds;
  largest_ = std::max(largest_, microseconds);
  auto bound = std::lower_bound(bounds().begin(), bounds().end(), microseconds);
  if (bound != bounds().end()) ++upToBound_[static_cast<size_t>(bound - bounds().begin())];
}

const std::vector<uint64_t>& LatencyHistogram::bounds() {
  static const std::vector<uint64_t> all = [] {
    std::vector<uint64_t> copy;
    for (uint64_t bound : schema::BUCKET_BOUNDS_US.get()) copy.push_back(bound);
    return copy;
  }();
  return all;
}

std::vector<uint64_t> LatencyHistogram::withinBounds() const {
  std::vector<uint64_t> sums;
  std::partial_sum(upToBound_.begin(), upToBound_.end(), std::back_inserter(sums));
  return sums;
}

uint64_t LatencyHistogram::percentile(double fraction) const {
  auto rank = static_cast<uint64_t>(std::ceil(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_)));
  rank = std::max<uint64_t>(rank, 1);
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(upperBound(i), largest_);
  }
  return largest_;
}

// The first 2^3 values have buckets of their own. From there on a bucket is the value's power of two and the three bits
// below its highest.
size_t LatencyHistogram::bucketOf(uint64_t microseconds) {
  uint64_t value = std::min(microseconds, (uint64_t{1} << kHighestBit) - 1);
  unsigned bits = static_cast<unsigned>(std::bit_width(value));
  if (bits <= kBitsPerStep) return value;
  unsigned shift = bits - kBitsPerStep - 1;
  return (static_cast<size_t>(shift) << kBitsPerStep) + (value >> shift);
}

uint64_t LatencyHistogram::upperBound(size_t bucket) {
  constexpr size_t kSteps = size_t{1} << kBitsPerStep;
  if (bucket < kSteps) return bucket;
  size_t shift = bucket / kSteps - 1;
  uint64_t step = bucket % kSteps + kSteps;
  return ((step + 1) << shift) - 1;
}

}  // namespace cbs::telemetry
