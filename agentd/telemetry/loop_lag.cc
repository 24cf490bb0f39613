#include "agentd/telemetry/loop_lag.h"

#include <algorithm>

namespace cbs::telemetry {
namespace {

// Four wake-ups a second cost an idle machine next to nothing, and give 240 samples a minute.
constexpr kj::Duration kInterval = 250 * kj::MILLISECONDS;
constexpr kj::Duration kWindow = 1 * kj::MINUTES;
constexpr size_t kMostSamples = 240;

}  // namespace

LoopLag::LoopLag(kj::Timer& timer) : timer_(timer), measuring_(measure()) {}

Task<void> LoopLag::measure() {
  for (;;) {
    const kj::TimePoint due = timer_.now() + kInterval;
    co_await timer_.atTime(due);
    auto lag = static_cast<uint64_t>((timer_.now() - due) / kj::MICROSECONDS);
    samples_.push_back({timer_.now(), lag});
    if (samples_.size() > kMostSamples) samples_.pop_front();
  }
}

std::deque<uint64_t> LoopLag::recent() const {
  std::deque<uint64_t> lags;
  for (const Sample& sample : samples_) {
    if (sample.at + kWindow >= timer_.now()) lags.push_back(sample.lagUs);
  }
  std::sort(lags.begin(), lags.end());
  return lags;
}

uint64_t LoopLag::p99Us() const {
  auto lags = recent();
  return lags.empty() ? 0 : lags[(lags.size() * 99 + 99) / 100 - 1];
}

uint64_t LoopLag::maxUs() const {
  auto lags = recent();
  return lags.empty() ? 0 : lags.back();
}

}  // namespace cbs::telemetry
