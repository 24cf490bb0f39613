#include "agentd/transfer/budget.h"

#include <kj/common.h>

#include <algorithm>
#include <utility>

namespace cbs::transfer {

Task<Budget::Part> Budget::take(size_t bytes) {
  bytes = std::min(bytes, whole_);
  if (waiting_.empty() && free_ >= bytes) {
    free_ -= bytes;
    co_return Part(*this, bytes);
  }
  KJ_DEFER(serve());  // one that stops to wait may have been in the way of others
  auto pair = kj::newPromiseAndFulfiller<Part>();
  waiting_.push_back({bytes, kj::mv(pair.fulfiller)});
  co_return co_await pair.promise;
}

void Budget::giveBack(size_t bytes) {
  free_ += bytes;
  serve();
}

void Budget::serve() {
  while (!waiting_.empty()) {
    auto& first = waiting_.front();
    if (!first.fulfiller->isWaiting()) {
      waiting_.pop_front();
      continue;
    }
    if (free_ < first.bytes) return;
    Waiter served = kj::mv(first);
    waiting_.pop_front();
    free_ -= served.bytes;
    served.fulfiller->fulfill(Part(*this, served.bytes));
  }
}

}  // namespace cbs::transfer
