#include "agentd/core/stream_growth.h"

namespace cbs::core {

void StreamGrowth::roundTripIs(kj::Duration time) {
  roundTrip_ = time;
  begin();
}

void StreamGrowth::asked(uint64_t bytes) {
  asked_ += bytes;
  begin();
}

void StreamGrowth::begin() {
  bool known = fixed_ > 0 || roundTrip_.has_value();
  if (begun_ || !known || asked_ < kMuch) return;
  begun_ = true;
  bool far = fixed_ == 0 && *roundTrip_ >= kFar;
  if (fixed_ > 0) wanted_ = fixed_;
  if (far) wanted_ = most_;
  settled_ = settled_ || fixed_ > 0 || far || most_ <= 1;
}

// A trial begins with the first bytes that arrive after all streams are there: those have been under way before. One in
// which nothing came for long, as there was nothing to move, says nothing.
void StreamGrowth::moved(uint64_t bytes, kj::TimePoint now) {
  if (!begun_ || settled_ || working_ < wanted_) return;
  if (!triedSince_) {
    triedSince_ = now;
    triedBytes_ = 0;
    return;
  }
  triedBytes_ += bytes;
  kj::Duration took = now - *triedSince_;
  if (took > kTrialTooLong) {
    triedSince_ = now;
    triedBytes_ = 0;
    return;
  }
  bool enough = triedBytes_ >= kTrialBytes || took >= kTrialTime;
  if (!enough || took <= 0 * kj::SECONDS) return;
  judge(static_cast<double>(triedBytes_) / (static_cast<double>(took / kj::NANOSECONDS) * 1e-9));
}

void StreamGrowth::judge(double rate) {
  triedSince_.reset();
  bool helps = wanted_ == 1 || rate >= rate_ * kWorthwhile;
  settled_ = !helps || wanted_ >= most_;
  rate_ = rate;
  if (!helps) {
    --wanted_;
  } else if (!settled_) {
    ++wanted_;
  }
}

void StreamGrowth::refused() {
  settled_ = true;
  if (wanted_ > 1) --wanted_;
}

}  // namespace cbs::core
