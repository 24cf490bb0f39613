#include "agentd/pool/caller_shares.h"

#include "agentd/pool/limits.h"

#include <utility>

namespace cbs::pool {

Task<Expected<kj::Own<CallerShares::Share>>> CallerShares::take(std::string name) {
  Caller& caller = callers_[name];
  if (caller.channels < limits_.maxChannelsPerCaller && caller.waiting.empty()) {
    co_return kj::heap<Share>(*this, std::move(name));
  }
  if (caller.waiting.size() >= limits_.maxWaiting) {
    co_return fail(ErrorKind::OVERLOADED, Reason::POOL_FULL,
                   std::to_string(caller.waiting.size()) + " requests of the same caller already wait");
  }
  auto pair = kj::newPromiseAndFulfiller<Expected<kj::Own<Share>>>();
  caller.waiting.push_back(kj::mv(pair.fulfiller));
  auto tooLong = timer_.afterDelay(limits_.maxWait).then([]() -> Expected<kj::Own<Share>> {
    return fail(ErrorKind::OVERLOADED, Reason::POOL_FULL, "the caller's other requests keep all of its channels");
  });
  co_return co_await pair.promise.exclusiveJoin(kj::mv(tooLong));
}

void CallerShares::giveBack(const std::string& name) {
  Caller& caller = callers_[name];
  --caller.channels;
  while (!caller.waiting.empty() && caller.channels < limits_.maxChannelsPerCaller) {
    Waiter waiter = kj::mv(caller.waiting.front());
    caller.waiting.pop_front();
    if (waiter->isWaiting()) waiter->fulfill(kj::heap<Share>(*this, name));
  }
  if (caller.channels == 0 && caller.waiting.empty()) callers_.erase(std::string(name));
}

}  // namespace cbs::pool
