#include "agentd/telemetry/recent_count.h"

#include <utility>

namespace cbs::telemetry {
namespace {

// What grows within one slice of the window is one entry.
constexpr uint64_t kSlices = 60;

}  // namespace

uint64_t RecentCount::update(uint64_t sum, uint64_t nowMs) {
  uint64_t before = std::exchange(last_, sum);
  uint64_t grown = sum >= before ? sum - before : sum;
  forgetBefore(nowMs);
  bool sameSlice = !growths_.empty() && nowMs - growths_.back().atMs < windowMs_ / kSlices;
  if (grown > 0 && sameSlice) {
    growths_.back().count += grown;
  } else if (grown > 0) {
    growths_.push_back({nowMs, grown});
  }
  uint64_t total = 0;
  for (const Growth& growth : growths_) total += growth.count;
  return total;
}

void RecentCount::forgetBefore(uint64_t nowMs) {
  while (!growths_.empty() && nowMs - growths_.front().atMs >= windowMs_) growths_.pop_front();
}

}  // namespace cbs::telemetry
