// What a caller has under way.
#pragma once

#include <kj/async.h>
#include <kj/common.h>

#include <cstdint>
#include <memory>

namespace cbs::rpc {

class Activity {
 public:
  // Something under way, as long as this exists. What only looks `counts` for nothing once it is over.
  class Entry {
   public:
    explicit Entry(std::shared_ptr<Activity> activity, bool counts = true) : activity_(std::move(activity)) {
      if (activity_ == nullptr) return;
      ++activity_->underWay_;
      if (counts) ++activity_->begun_;
    }
    Entry(Entry&&) = default;
    ~Entry() {
      if (activity_ != nullptr && --activity_->underWay_ == 0) activity_->tellIdle();
    }

   private:
    std::shared_ptr<Activity> activity_;
  };

  bool idle() const { return underWay_ == 0; }
  uint64_t begun() const { return begun_; }  // so far

  // One may wait at a time.
  kj::Promise<void> whenIdle() {
    if (idle()) return kj::READY_NOW;
    auto pair = kj::newPromiseAndFulfiller<void>();
    waiting_ = kj::mv(pair.fulfiller);
    return kj::mv(pair.promise);
  }

 private:
  void tellIdle() {
    if (waiting_.get() != nullptr) waiting_->fulfill();
  }

  size_t underWay_ = 0;
  uint64_t begun_ = 0;
  kj::Own<kj::PromiseFulfiller<void>> waiting_;
};

}  // namespace cbs::rpc
