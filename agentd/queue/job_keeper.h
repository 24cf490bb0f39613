// Keeps the jobs: takes them in, runs each when its turn has come, and goes on with them after a restart.
#pragma once

#include "agentd/core/job_id.h"
#include "agentd/queue/job_watch.h"
#include "agentd/queue/log_budget.h"
#include "common/turnstile.h"

#include <kj/function.h>

#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cbs::queue {

struct JobLimits {
  size_t capacity = 50'000;                // jobs that have not ended
  uint64_t logBytes = uint64_t{64} << 20;  // of one job's output that are kept
  uint64_t logsBytes = uint64_t{1} << 30;  // of all
  uint64_t retentionSeconds = 7 * 86'400;  // how long what has ended is kept
  uint64_t history = 100'000;              // how many of them
};

struct JobFigures {
  uint64_t waiting = 0;  // for a lane, for other jobs or for another attempt
  uint64_t running = 0;
  uint64_t ended = 0;                          // since the start
  uint64_t rejected = 0;                       // likewise
  std::map<Reason, uint64_t> rejections = {};  // the same by what for
};

enum class CancelResult { REMOVED, SIGNALLED, HAD_ENDED };

// A part of a job's log, as schema::LogPart.
struct LogPart {
  std::string bytes;  // whole frames (job_log.h)
  uint64_t next = 0;
  uint32_t attempt = 0;
  bool complete = false;
  uint64_t droppedBytes = 0;
};

class JobKeeper final : private kj::TaskSet::ErrorHandler {
 public:
  // Keeps the journal and the logs in `folder`; "": there is no place for them, and jobs are refused. What it is given
  // outlives it.
  JobKeeper(Loop loop, const kj::Clock& clock, CommandQueue& queue, Launcher& launcher, std::string folder,
            JobLimits limits);
  ~JobKeeper() noexcept(false);

  // If there is a journal, goes on with its jobs. Fails as Journal::open; it is tried again with each call that needs
  // it. Blocks.
  Expected<void> open();

  // Resolves when the job is durable; a task that is dropped takes nothing back. `job` needs no id. Fails with
  // overloaded (queueFull with the facts `jobs`, `capacity`; draining; journalUnavailable), usage (jobNotFound,
  // idempotencyKeyTaken).
  Task<Expected<Added>> submit(Job job, Assignment assignment);

  // As Journal::list, and as they are right now.
  Task<Expected<std::vector<Job>>> list(JobQuery query);

  // Waits until all have ended (`any`: one of them), or for `limit`. Fails with usage/jobNotFound (fact `job`).
  struct Awaited {
    std::vector<Job> jobs;
    bool done = false;
  };
  Task<Expected<Awaited>> await(std::vector<std::string> jobs, bool any, kj::Duration limit);

  // The log from `offset` on, if `attempt` is the last one, else from its beginning. If there is nothing yet, waits for
  // `limit`.
  Task<Expected<LogPart>> readLog(std::string job, uint32_t attempt, uint64_t offset, kj::Duration limit);

  // Each is ended or told to end. All or none: fails with usage/jobNotFound.
  using Cancelled = std::pair<std::string, CancelResult>;
  Task<Expected<std::vector<Cancelled>>> cancel(std::vector<std::string> jobs);

  // Where the journal and the logs are; "": nowhere.
  const std::string& folder() const { return folder_; }

  // How much output is kept, of all jobs.
  const LogBudget& output() const { return *budget_; }
  // Called with each job that has ended, durably.
  void onEnd(kj::Function<void(const Ending&)> callback) { onEnd_ = kj::mv(callback); }

  // Why the journal could not be opened when that was tried last; "": it was, or there was no need to.
  std::string fault() const { return unopened_ ? unopened_->detail : std::string(); }

  void setLimits(JobLimits limits);
  JobFigures figures() const;

  // The daemon ends: takes nothing more, and begins nothing more. What waits stays in the journal.
  void suspend();
  // Leaves all jobs to another daemon: begins nothing more, and when what begins or ends just now is in the journal,
  // closes it. Commands that run go on here; what they print waits for the one that adopts them. Blocks while it closes
  // the journal. Is not to be called again, and nothing else, before keep(), takeBack() or suspend().
  Task<ReleasedJobs> release();
  // A release that has not come to its end, and was dropped, is no more.
  void keep();
  // One that has come to its end is no more.
  void takeBack(ReleasedJobs released);
  // Goes on with what another daemon has let go of, instead of open(). Gives for each job that the journal knows where
  // its output goes. Fails as open().
  using Outputs = std::map<std::string, schema::OutputSink::Client>;
  Expected<Outputs> adopt(std::vector<RunningJob> jobs);

  // When nothing runs any more, and the journal, or who has adopted it, knows. After suspend only.
  kj::Promise<void> whenSettled() { return KJ_ASSERT_NONNULL(settled_).addBranch(); }

 private:
  using Found = std::vector<Job>;

  std::string logFile(const std::string& id) const { return folder_ + "/jobs/" + id + ".log"; }
  Expected<void> openJournal();
  Expected<void> tryToOpen();
  Expected<void> makeLogFolder();
  void removeStrayLogs(const std::vector<std::string>& kept);
  void adopt(const Job& job);
  void revive(const Job& job);
  JobWorld world();
  JobRun& enlist(const Job& job);
  Task<Expected<Added>> accept(Job job, Assignment assignment);
  using Ends = std::map<std::string, bool>;  // of jobs that have ended, whether they succeeded
  tl::unexpected<Error> refuse(Error why);
  std::optional<Error> refusal() const;
  Task<Expected<Ends>> nameDependencies(Job& job);
  void dependencyEnded(JobRun& run, const std::string& dependency, bool succeeded);
  Task<void> begin(JobRun& run);
  Task<void> takeTurn(JobRun& run);
  Task<void> settleDependencies(JobRun& run);
  void finish(JobRun& run);
  void leave(JobRun& run);
  Task<Expected<Found>> find(std::vector<std::string> jobs);
  void refresh(Job& job) const;
  bool hasEnded(const std::string& id) const;
  std::vector<JobRun*> running(const std::vector<std::string>& ids);
  Task<void> waitForEnds(std::vector<std::string> ids, bool any);
  CancelResult cancel(JobRun& run);
  Task<Expected<LogPart>> readNow(const Job& job, uint32_t attempt, uint64_t offset);
  Task<Expected<std::string>> logBytes(const Job& job, uint64_t offset);
  bool isSteady() const;
  ReleasedJobs letGo();
  Task<void> sweepNowAndThen();
  Task<void> sweep();
  void taskFailed(kj::Exception&& exception) override;
  kj::TaskSet::ErrorHandler& errors() { return *this; }

  Loop loop_;
  const kj::Clock& clock_;
  CommandQueue& queue_;
  Launcher& launcher_;
  const std::string folder_;
  JobLimits limits_;
  std::shared_ptr<LogBudget> budget_;
  core::JobIds ids_;
  kj::Own<Journal> journal_;  // null: not open
  std::optional<JobWorld> world_;
  std::unordered_map<std::string, kj::Own<JobRun>> live_;                        // those that have not ended
  std::unordered_map<std::string, std::unordered_set<std::string>> dependents_;  // of what has not ended
  Turnstile readers_;                                                            // of log files
  std::optional<Error> unopened_;                                                // why there is no journal
  kj::TimePoint openedAt_;                                                       // was tried
  kj::Function<void(const Ending&)> onEnd_ = [](const Ending&) {};
  uint64_t ended_ = 0;
  std::map<Reason, uint64_t> rejections_;
  bool suspended_ = false;
  bool sweeping_ = false;
  bool releasing_ = false;
  bool released_ = false;                                // another daemon has the journal
  size_t using_ = 0;                                     // the journal: calls that are not to be dropped
  std::unordered_map<std::string, RunningJob> adopted_;  // while the journal is opened
  Outputs outputs_;                                      // likewise
  kj::Maybe<kj::ForkedPromise<void>> settled_;
  kj::TaskSet passing_;  // jobs that run here, and are another daemon's
  std::optional<kj::TaskSet> sweeps_;
  std::optional<kj::TaskSet> runs_;
};

}  // namespace cbs::queue
