#include "cli/output/rate_meter.h"

namespace cbs::cli {
namespace {

constexpr uint64_t kWindowMs = 5000;
constexpr uint64_t kStepMs = 100;  // bounds the number of samples

}  // namespace

void RateMeter::add(uint64_t ms, uint64_t bytes) {
  bool close = samples_.size() > 1 && ms < samples_[samples_.size() - 2].ms + kStepMs;
  if (close) samples_.pop_back();
  samples_.push_back({ms, bytes});
  while (samples_.size() > 2 && samples_[1].ms + kWindowMs <= ms) samples_.pop_front();
}

uint64_t RateMeter::perSecond() const {
  if (samples_.size() < 2) return 0;
  uint64_t ms = samples_.back().ms - samples_.front().ms;
  return ms == 0 ? 0 : (samples_.back().bytes - samples_.front().bytes) * 1000 / ms;
}

}  // namespace cbs::cli
