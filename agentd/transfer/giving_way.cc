#include "agentd/transfer/giving_way.h"

namespace cbs::transfer {

void GivingWay::begin() {
  ++commands_;
  const kj::TimePoint now = timer_.now();
  if (holding_ || now < free_) return;
  holding_ = true;
  heldSince_ = now;
  auto pair = kj::newPromiseAndFulfiller<void>();
  clearer_ = kj::mv(pair.fulfiller);
  cleared_ = pair.promise.exclusiveJoin(timer_.atTime(now + kYoung)).fork();
}

void GivingWay::end() {
  if (--commands_ == 0) release();
}

void GivingWay::release() {
  if (!holding_) return;
  holding_ = false;
  free_ = timer_.now() + (timer_.now() - heldSince_) / 2;
  clearer_->fulfill();
}

kj::Promise<void> GivingWay::clear() {
  if (holding_ && timer_.now() >= heldSince_ + kYoung) release();
  if (!holding_) return kj::READY_NOW;
  return KJ_ASSERT_NONNULL(cleared_).addBranch();
}

}  // namespace cbs::transfer
