// Lets callers who ask for the same thing at the same time share one piece of work.
#pragma once

#include "common/error.h"
#include "common/task.h"

#include <kj/async.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cbs::identity {

// The work goes on when its callers have gone; it must have a deadline of its own. It ends with the object.
template <typename T>
class SharedCalls : private kj::TaskSet::ErrorHandler {
 public:
  // Joins the call under way for `key`, or starts one with `work`.
  kj::Promise<Expected<T>> join(std::string key, std::function<Task<Expected<T>>()> work) {
    auto pair = kj::newPromiseAndFulfiller<Expected<T>>();
    auto [place, isNew] = waiting_.try_emplace(key);
    place->second.push_back(kj::mv(pair.fulfiller));
    if (isNew) running_.add(drive(std::move(key), std::move(work)));
    return kj::mv(pair.promise);
  }

  // The same for work that needs the caller itself: when it has failed since its caller has gone, another one takes it
  // over.
  Task<Expected<T>> joinOrTakeOver(std::string key, std::function<Task<Expected<T>>()> work) {
    for (;;) {
      bool ours = false;
      auto result = co_await join(key, [&ours, work]() {
        ours = true;
        return work();
      });
      bool gone = !result && result.error().reason == Reason::CALLER_GONE;
      if (!gone || ours) co_return result;
    }
  }

 private:
  using Fulfiller = kj::Own<kj::PromiseFulfiller<Expected<T>>>;

  Task<void> drive(std::string key, std::function<Task<Expected<T>>()> work) {
    auto result = co_await work();
    auto waiting = std::move(waiting_.extract(key).mapped());
    for (auto& fulfiller : waiting) fulfiller->fulfill(Expected<T>(result));
  }

  // Nobody is left waiting by a fault: the fulfillers that go with the map reject their promises.
  void taskFailed(kj::Exception&&) override { waiting_.clear(); }

  std::map<std::string, std::vector<Fulfiller>> waiting_;
  kj::TaskSet running_{*this};
};

}  // namespace cbs::identity
