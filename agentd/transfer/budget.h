// Bounds the bytes that all transfers together have in memory.
#pragma once

#include "common/task.h"

#include <kj/async.h>

#include <cstddef>
#include <deque>
#include <utility>

namespace cbs::transfer {

class Budget {
 public:
  // A part of it, given back with the object. The budget outlives it.
  class Part {
   public:
    Part(Budget& budget, size_t bytes) : budget_(&budget), bytes_(bytes) {}
    Part(Part&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
    Part& operator=(Part&&) = delete;
    ~Part() noexcept(false) {
      if (budget_ != nullptr) budget_->giveBack(bytes_);
    }

   private:
    Budget* budget_;
    size_t bytes_;
  };

  static constexpr size_t kDefault = size_t{48} * 1024 * 1024;

  explicit Budget(size_t bytes = kDefault) : free_(bytes), whole_(bytes) {}
  KJ_DISALLOW_COPY(Budget);

  // Waits, in order, until so many bytes are free; waiting ends by being dropped. More than there are in all count as
  // all.
  Task<Part> take(size_t bytes);
  size_t whole() const { return whole_; }

 private:
  struct Waiter {
    size_t bytes;
    kj::Own<kj::PromiseFulfiller<Part>> fulfiller;  // a part that nobody takes any more gives itself back
  };

  void giveBack(size_t bytes);
  void serve();

  size_t free_;
  size_t whole_;
  std::deque<Waiter> waiting_;
};

}  // namespace cbs::transfer
