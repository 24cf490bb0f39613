// Tasks that are under way side by side, until all have ended or one has failed.
#pragma once

#include "agentd/transfer/bell.h"
#include "common/error.h"
#include "common/task.h"

#include <kj/async.h>

#include <optional>

namespace cbs::transfer {

// Dropping it drops the tasks.
class Crew : private kj::TaskSet::ErrorHandler {
 public:
  Crew() : tasks_(*this) {}
  KJ_DISALLOW_COPY(Crew);

  void start(Task<Expected<void>> task);
  // Waits until fewer than so many are under way. Fails, or throws, as soon as a task has: the others are under way
  // until this is dropped.
  Task<Expected<void>> fewerThan(unsigned count);
  Task<Expected<void>> all() { return fewerThan(1); }
  // Ends, by failing or throwing, as soon as a task has.
  Task<Expected<void>> failure() { return fewerThan(0); }

 private:
  void taskFailed(kj::Exception&& exception) override;

  unsigned underWay_ = 0;
  std::optional<Error> error_;
  std::optional<kj::Exception> exception_;
  Bell changed_;
  kj::TaskSet tasks_;
};

}  // namespace cbs::transfer
