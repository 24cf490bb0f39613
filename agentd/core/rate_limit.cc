#include "agentd/core/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace cbs::core {
namespace {

constexpr kj::Duration kBurst = 250 * kj::MILLISECONDS;

// As a point in time beyond 290 years would overflow.
constexpr kj::Duration kFarthest = 1000 * kj::DAYS;

}  // namespace

kj::TimePoint RateLimit::take(uint64_t bytes, kj::TimePoint now) {
  if (rate_ == 0) return now;
  free_ = std::max(free_, now - kBurst);
  const kj::TimePoint start = std::max(free_, now);
  double nanoseconds = std::ceil(static_cast<double>(bytes) * 1e9 / static_cast<double>(rate_));
  nanoseconds = std::min(nanoseconds, static_cast<double>(kFarthest / kj::NANOSECONDS));
  free_ = std::min(free_ + static_cast<int64_t>(nanoseconds) * kj::NANOSECONDS, now + kFarthest);
  return start;
}

}  // namespace cbs::core
