#include "agentd/core/breaker.h"

#include <algorithm>

namespace cbs::core {
namespace {

// When the probes will have ended is not known, so whoever comes meanwhile is told to ask again soon.
constexpr kj::Duration kProbePause = 1 * kj::SECONDS;

}  // namespace

kj::Maybe<kj::Duration> Breaker::enter(kj::TimePoint now) {
  auto wait = retryAfter(now);
  if (wait == nullptr && open_) ++probes_;
  return wait;
}

kj::Maybe<kj::Duration> Breaker::retryAfter(kj::TimePoint now) const {
  if (!open_) return nullptr;
  if (now < openUntil_) return openUntil_ - now;
  if (probes_ < limits_.halfOpenProbes) return nullptr;
  return kj::min(kProbePause, limits_.openFor);
}

void Breaker::succeeded(kj::TimePoint) { reset(); }

void Breaker::failed(kj::TimePoint now) {
  failures_ = std::min(failures_, UINT32_MAX - 1) + 1;
  // While it is open, an attempt from before that fails says nothing new.
  bool opens = open_ ? halfOpen(now) : failures_ >= limits_.failureThreshold;
  if (!opens) return;
  open_ = true;
  openUntil_ = now + limits_.openFor;
  probes_ = 0;
}

void Breaker::trip(kj::TimePoint now, kj::Duration openFor) {
  failures_ = std::min(failures_, UINT32_MAX - 1) + 1;
  openUntil_ = open_ ? kj::max(openUntil_, now + openFor) : now + openFor;
  open_ = true;
  probes_ = 0;
}

void Breaker::abandoned(kj::TimePoint) {
  if (probes_ > 0) --probes_;
}

void Breaker::reset() {
  failures_ = 0;
  open_ = false;
  probes_ = 0;
}

}  // namespace cbs::core
