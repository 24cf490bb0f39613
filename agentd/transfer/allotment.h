// What one transfer may have in memory: a little of its own, and a part of what all share.
#pragma once

#include "agentd/transfer/budget.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace cbs::transfer {

// So one that stands still, as its host does, never keeps the others from going on.
class Allotment {
 public:
  // In bytes. The shared budget has no say in it.
  static constexpr size_t kOwn = size_t{1024} * 1024;

  class Part {
   public:
    explicit Part(Budget::Part part) : part_(std::move(part)) {}
    Part(Budget::Part ofMost, Budget::Part shared) : ofMost_(std::move(ofMost)), part_(std::move(shared)) {}

   private:
    std::optional<Budget::Part> ofMost_;
    Budget::Part part_;
  };

  // Takes at most half of `shared`, which outlives it.
  explicit Allotment(Budget& shared) : shared_(shared), most_(std::max<size_t>(1, shared.whole() / 2)) {}

  // Waits until so many bytes are free, here or there. As Budget::take otherwise.
  Task<Part> take(size_t bytes) {
    auto own = ofOwn(bytes);
    if (own.finished()) co_return own.take();
    auto shared = ofShared(bytes);
    if (shared.finished()) co_return shared.take();
    co_return co_await kj::mv(own).promise().exclusiveJoin(kj::mv(shared));
  }

 private:
  Task<Part> ofOwn(size_t bytes) { co_return Part(co_await own_.take(bytes)); }
  Task<Part> ofShared(size_t bytes) {
    auto ofMost = co_await most_.take(bytes);
    auto shared = co_await shared_.take(std::min(bytes, most_.whole()));
    co_return Part(std::move(ofMost), std::move(shared));
  }

  Budget& shared_;
  Budget own_{kOwn};
  Budget most_;
};

}  // namespace cbs::transfer
