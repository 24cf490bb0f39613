// What transfers and listings that run have in common: they can be stopped, and end with an error then.
#pragma once

#include "common/error.h"
#include "common/task.h"

#include <kj/refcount.h>

#include <optional>

namespace cbs::engine {

class StoppableRun : public kj::Refcounted {
 public:
  // Gives it up; it ends by itself. `why` becomes its error, unless it has ended or has one.
  void stop(Error why);

 protected:
  // Ends when `work` has ended, or when stop() was called: then it has been dropped. It may throw.
  Task<void> untilStopped(Task<Expected<void>> work);

  const std::optional<Error>& error() const { return error_; }
  // What is to be told beside the error.
  void addFact(std::string name, std::string value) { error_->facts.push_back({kj::mv(name), kj::mv(value)}); }

 private:
  Task<void> settle(Task<Expected<void>> work);
  void failed(Error error);

  std::optional<Error> error_;
  kj::PromiseFulfillerPair<void> stopped_ = kj::newPromiseAndFulfiller<void>();
};

}  // namespace cbs::engine
