#include "agentd/core/lanes.h"

#include <algorithm>

namespace cbs::core {

Lanes::Lanes(LaneLimits limits) { setLimits(limits); }

void Lanes::setLimits(LaneLimits limits) {
  limits_ = limits;
  limits_.core = std::max(limits_.core, 1u);
  limits_.max = std::max(limits_.max, limits_.core);
}

bool Lanes::admit(size_t waiting) {
  if (waiting == 0 || active_ >= limits_.core) return false;
  if (!idleSince_.empty()) idleSince_.pop_back();
  ++active_;
  return true;
}

Arrival Lanes::arrive(kj::TimePoint now, size_t waiting) {
  closeIdle(now);
  if (!idleSince_.empty()) {
    idleSince_.pop_back();
    ++active_;
    return Arrival::RUN;
  }
  bool isCore = active_ < limits_.core;
  if (!isCore && waiting < limits_.queueCapacity) return Arrival::WAIT;
  if (active_ >= limits_.max) return whenFull(waiting);
  ++active_;
  return waiting == 0 ? Arrival::RUN : Arrival::WAIT_AND_ADMIT;
}

Arrival Lanes::whenFull(size_t waiting) const {
  switch (limits_.policy) {
    case RejectionPolicy::BLOCK:
      return waiting < kMostBlocked ? Arrival::WAIT : Arrival::REFUSED;
    case RejectionPolicy::DISCARD_OLDEST:
      return waiting > 0 ? Arrival::REPLACE_OLDEST : Arrival::REFUSED;
    case RejectionPolicy::ABORT:
    case RejectionPolicy::DISCARD:
      break;
  }
  return Arrival::REFUSED;
}

bool Lanes::leave(kj::TimePoint now, size_t waiting) {
  if (waiting > 0 && active_ <= limits_.max) return true;
  --active_;
  idleSince_.push_back(now);
  return false;
}

uint32_t Lanes::open(kj::TimePoint now) const { return count() - static_cast<uint32_t>(closable(now)); }

void Lanes::closeIdle(kj::TimePoint now) {
  idleSince_.erase(idleSince_.begin(), idleSince_.begin() + static_cast<std::ptrdiff_t>(closable(now)));
}

// The number of extra lanes, from the longest idle on, whose time has come. Core lanes stay.
size_t Lanes::closable(kj::TimePoint now) const {
  size_t extra = count() > limits_.core ? count() - limits_.core : 0;
  size_t result = 0;
  while (result < std::min(extra, idleSince_.size()) && idleSince_[result] + limits_.keepAlive <= now) ++result;
  return result;
}

}  // namespace cbs::core
