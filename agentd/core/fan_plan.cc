#include "agentd/core/fan_plan.h"

namespace cbs::core {

kj::Maybe<uint32_t> FanPlan::next(kj::TimePoint now) {
  KJ_IF_MAYBE (deadline, limits_.deadline) {
    if (now >= *deadline && waiting() > 0) stop(FanStop::DEADLINE);
  }
  if (waiting() == 0 || !hasRoom()) return nullptr;
  if (isPaced()) {
    if (now < notBefore_) return nullptr;
    notBefore_ = now + limits_.delay;
  }
  ++running_;
  return begun_++;
}

kj::Maybe<kj::TimePoint> FanPlan::due() const {
  if (waiting() == 0) return nullptr;
  if (!isPaced() || !hasRoom()) return limits_.deadline;
  return kj::min(notBefore_, limits_.deadline.orDefault(notBefore_));
}

void FanPlan::ended(bool failed) {
  --running_;
  if (failed && ++failed_ > limits_.maxFailures && waiting() > 0) stop(FanStop::FAILURES);
}

void FanPlan::stop(FanStop why) {
  if (stop_ == FanStop::NONE) stop_ = why;
}

bool FanPlan::hasRoom() const { return running_ < limits_.atOnce && (running_ == 0 || !beginsBatch()); }

// Whether the next one has to keep its distance from one before it.
bool FanPlan::isPaced() const { return limits_.delay > 0 * kj::SECONDS && (limits_.batch == 0 || beginsBatch()); }

}  // namespace cbs::core
