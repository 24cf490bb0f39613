#include "agentd/core/lanes.h"

#include <algorithm>

namespace cbs::core {

Lanes::Lanes(LaneLimits limits) { setLimits(limits); }

void Lanes::setLimits(LaneLimits limits) {
  limits_ = limits;
  limits_.core = std::max(limits_.core, 1u);
  limits_.max = std::max(limits_.max, limits_.core);
  closeSurplus();
}

bool Lanes::take(kj::TimePoint now) {
  closeIdle(now);
  if (!idleSince_.empty()) {
    idleSince_.pop_back();
  } else if (active_ >= limits_.core) {
    return false;
  }
  ++active_;
  return true;
}

bool Lanes::takeExtra() {
  if (count() >= limits_.max) return false;
  ++active_;
  return true;
}

void Lanes::leave(kj::TimePoint now) {
  --active_;
  idleSince_.push_back(now);
  closeSurplus();
}

WhenFull Lanes::whenFull(size_t waiting) const {
  switch (limits_.policy) {
    case RejectionPolicy::BLOCK:
      return waiting < kMostBlocked ? WhenFull::WAIT : WhenFull::REFUSE;
    case RejectionPolicy::DISCARD_OLDEST:
      return waiting > 0 ? WhenFull::REPLACE_OLDEST : WhenFull::REFUSE;
    case RejectionPolicy::ABORT:
    case RejectionPolicy::DISCARD:
      break;
  }
  return WhenFull::REFUSE;
}

uint32_t Lanes::open(kj::TimePoint now) const { return count() - static_cast<uint32_t>(closable(now)); }

void Lanes::closeIdle(kj::TimePoint now) {
  idleSince_.erase(idleSince_.begin(), idleSince_.begin() + static_cast<std::ptrdiff_t>(closable(now)));
}

// Idle lanes that the limits have no room for any more.
void Lanes::closeSurplus() {
  while (count() > limits_.max && !idleSince_.empty()) idleSince_.pop_front();
}

// The number of extra lanes, from the longest idle on, whose time has come. Core lanes stay.
size_t Lanes::closable(kj::TimePoint now) const {
  size_t extra = count() > limits_.core ? count() - limits_.core : 0;
  size_t result = 0;
  while (result < std::min(extra, idleSince_.size()) && idleSince_[result] + limits_.keepAlive <= now) ++result;
  return result;
}

}  // namespace cbs::core
