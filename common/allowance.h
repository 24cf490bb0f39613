// A time limit that can be stopped for a while.
#pragma once

#include <kj/timer.h>

namespace cbs {

class Allowance {
 public:
  // It runs from now on. `timer` outlives it.
  Allowance(kj::Timer& timer, kj::Duration limit) : timer_(timer), end_(timer.now() + limit) {}

  // Never negative.
  kj::Duration left() const { return kj::max(end_ - timer_.now(), 0 * kj::SECONDS); }

  // Does not run while this exists.
  class Pause {
   public:
    explicit Pause(Allowance& allowance) : allowance_(allowance), since_(allowance.timer_.now()) {}
    ~Pause() { allowance_.end_ += allowance_.timer_.now() - since_; }
    KJ_DISALLOW_COPY(Pause);

   private:
    Allowance& allowance_;
    kj::TimePoint since_;
  };

 private:
  kj::Timer& timer_;
  kj::TimePoint end_;
};

}  // namespace cbs
