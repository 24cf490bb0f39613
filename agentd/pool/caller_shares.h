// How many channels each caller has, so that none takes all of them.
#pragma once

#include "common/error.h"
#include "common/task.h"

#include <kj/refcount.h>
#include <kj/timer.h>

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

namespace cbs::pool {

struct PoolLimits;

class CallerShares {
 public:
  // Both outlive it.
  CallerShares(kj::Timer& timer, const PoolLimits& limits) : timer_(timer), limits_(limits) {}
  KJ_DISALLOW_COPY(CallerShares);

  // The right to one channel; given back with the object, which the shares outlive.
  class Share;

  // At the caller's limit waits for one of its channels to come back, in order. Fails with overloaded/poolFull when too
  // many wait already, or for too long.
  Task<Expected<kj::Own<Share>>> take(std::string caller);

 private:
  using Waiter = kj::Own<kj::PromiseFulfiller<Expected<kj::Own<Share>>>>;
  struct Caller {
    unsigned channels = 0;
    std::deque<Waiter> waiting;
  };

  void giveBack(const std::string& name);

  kj::Timer& timer_;
  const PoolLimits& limits_;
  std::unordered_map<std::string, Caller> callers_;  // those that have or want one
};

class CallerShares::Share {
 public:
  Share(CallerShares& shares, std::string caller) : shares_(shares), caller_(std::move(caller)) {
    ++shares_.callers_[caller_].channels;
  }
  ~Share() { shares_.giveBack(caller_); }
  KJ_DISALLOW_COPY(Share);

 private:
  CallerShares& shares_;
  std::string caller_;
};

}  // namespace cbs::pool
