// Wakes all who wait for a change.
#pragma once

#include <kj/async.h>

#include <utility>
#include <vector>

namespace cbs::transfer {

class Bell {
 public:
  kj::Promise<void> rung() {
    auto pair = kj::newPromiseAndFulfiller<void>();
    waiting_.push_back(kj::mv(pair.fulfiller));
    return kj::mv(pair.promise);
  }

  void ring() {
    for (auto& waiter : std::exchange(waiting_, {})) waiter->fulfill();
  }

 private:
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waiting_;
};

}  // namespace cbs::transfer
