// Lets a number of callers through at once and makes the others wait in order.
#pragma once

#include <kj/async.h>

#include <deque>
#include <memory>

namespace cbs {

class Turnstile {
  struct State {
    unsigned free;
    std::deque<kj::Own<kj::PromiseFulfiller<std::shared_ptr<void>>>> waiting = {};
  };

 public:
  // Being let through: the next one is when the last copy goes.
  using Pass = std::shared_ptr<void>;

  explicit Turnstile(unsigned atOnce) : state_(std::make_shared<State>(State{atOnce})) {}

  // A caller that drops the promise leaves the line.
  kj::Promise<Pass> enter() {
    if (state_->free > 0) {
      --state_->free;
      return passFor(state_);
    }
    auto pair = kj::newPromiseAndFulfiller<Pass>();
    state_->waiting.push_back(kj::mv(pair.fulfiller));
    return kj::mv(pair.promise);
  }

 private:
  static Pass passFor(std::shared_ptr<State> state) {
    return Pass(state.get(), [state](void*) { leave(state); });
  }

  static void leave(const std::shared_ptr<State>& state) {
    while (!state->waiting.empty()) {
      auto next = kj::mv(state->waiting.front());
      state->waiting.pop_front();
      if (!next->isWaiting()) continue;
      next->fulfill(passFor(state));
      return;
    }
    ++state->free;
  }

  std::shared_ptr<State> state_;
};

}  // namespace cbs
