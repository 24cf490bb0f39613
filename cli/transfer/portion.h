// How much of a long work one call does.
#pragma once

#include <chrono>
#include <cstddef>

namespace cbs::cli {

class Portion {
 public:
  explicit Portion(size_t steps, std::chrono::milliseconds time) : left_(steps), end_(Clock::now() + time) {}

  // To be called before each step. False: the rest is for another call.
  bool take() {
    if (left_ == 0 || (begun_ && Clock::now() >= end_)) return false;
    begun_ = true;
    --left_;
    return true;
  }

 private:
  using Clock = std::chrono::steady_clock;
  size_t left_;
  Clock::time_point end_;
  bool begun_ = false;  // each call does something, however slow the machine is
};

}  // namespace cbs::cli
