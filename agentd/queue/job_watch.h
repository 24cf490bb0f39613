// Waits for jobs to end.
#pragma once

#include "agentd/queue/job_run.h"

#include <kj/async.h>

#include <unordered_set>
#include <vector>

namespace cbs::queue {

// Watches runs, which may come to their end or go before it does.
class JobWatch final : private JobRun::Observer {
 public:
  // `any`: until one of them has ended, else until all have.
  JobWatch(const std::vector<JobRun*>& runs, bool any) : runs_(runs.begin(), runs.end()), any_(any) {
    for (JobRun* run : runs_) run->addObserver(*this);
    if (runs_.empty()) over_.fulfiller->fulfill();
  }
  ~JobWatch() {
    for (JobRun* run : runs_) run->removeObserver(*this);
  }
  KJ_DISALLOW_COPY(JobWatch);

  // To be called once.
  kj::Promise<void> over() { return kj::mv(over_.promise); }

 private:
  void gone(JobRun& run) override { runs_.erase(&run); }
  void ended(JobRun& run) override {
    runs_.erase(&run);
    if (any_ || runs_.empty()) over_.fulfiller->fulfill();
  }

  std::unordered_set<JobRun*> runs_;
  const bool any_;
  kj::PromiseFulfillerPair<void> over_ = kj::newPromiseAndFulfiller<void>();
};

}  // namespace cbs::queue
