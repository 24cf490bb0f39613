#include "agentd/core/governor.h"

#include <algorithm>

namespace cbs::core {

void Governor::setCeiling(unsigned ceiling) {
  bool wasOpen = window_ >= ceiling_;
  ceiling_ = ceiling;
  window_ = wasOpen ? ceiling_ : std::min(window_, ceiling_);
}

// A window's worth of successes widens it by one.
void Governor::succeeded() { window_ = std::min(ceiling_, window_ + 1 / window_); }

void Governor::dropped(kj::TimePoint startedAt, kj::TimePoint now) {
  if (startedAt <= narrowedAt_) return;
  narrowedAt_ = now;
  window_ = std::max(1.0, window_ / 2);
}

}  // namespace cbs::core
