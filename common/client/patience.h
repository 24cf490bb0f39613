// How long to go on trying what fails for the time being.
#pragma once

#include "common/task.h"

#include <kj/timer.h>

#include <optional>

namespace cbs::client {

class Patience {
 public:
  // `timer` outlives it.
  Patience(kj::Timer& timer, kj::Duration limit) : timer_(timer), limit_(limit) {}

  // True, after a pause, as long as the limit has not passed since the first failure in a row.
  Task<bool> another() {
    if (!end_) end_ = timer_.now() + limit_;
    if (timer_.now() >= *end_) co_return false;
    co_await timer_.afterDelay(kj::min(pause_, *end_ - timer_.now()));
    pause_ = kj::min(pause_ * 2, kLongestPause);
    co_return true;
  }

  // It did not fail.
  void renew() {
    end_.reset();
    pause_ = kFirstPause;
  }

 private:
  static constexpr auto kFirstPause = 50 * kj::MILLISECONDS;
  static constexpr auto kLongestPause = 1 * kj::SECONDS;

  kj::Timer& timer_;
  kj::Duration limit_;
  kj::Duration pause_ = kFirstPause;
  std::optional<kj::TimePoint> end_;
};

}  // namespace cbs::client
