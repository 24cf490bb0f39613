// How jobs that run pass from one daemon to the next.
#include "agentd/queue/encoded.h"
#include "agentd/queue/job_keeper.h"
#include "common/offload.h"

#include <algorithm>
#include <utility>

namespace cbs::queue {
namespace {

constexpr kj::Duration kSettlePause = 5 * kj::MILLISECONDS;  // for what the journal has just answered

}  // namespace

bool JobRun::isSteady() const {
  if (concluding_ || phase_ == Phase::ENDING || gaveUp_) return false;
  if (starting_ && !starting_->finished()) return false;
  return phase_ != Phase::RUNNING || (command_ != nullptr && !output_->hasOutcome());
}

ReleasedJobs::Running JobRun::release(kj::Promise<void>& over) {
  auto output = kj::newPromiseAndFulfiller<schema::OutputSink::Client>();
  RunningJob job{.id = id_,
                 .attempts = attempts_,
                 .maybeSent = maybeSent_,
                 .cancelled = interrupted_ ? std::optional(*interrupted_) : std::nullopt,
                 .log = output_->log().state(),
                 .command = kj::mv(KJ_ASSERT_NONNULL(command_))};
  job.log.droppedBytes = output_->dropped();
  over = output_->passOn(kj::mv(output.promise));
  output_ = nullptr;
  command_ = nullptr;
  return {kj::mv(job), kj::mv(output.fulfiller)};
}

schema::OutputSink::Client JobRun::adopt(RunningJob job) {
  attempts_ = job.attempts;
  maybeSent_ = job.maybeSent;
  if (job.cancelled) noteInterruption(kj::mv(*job.cancelled));
  command_ = kj::mv(job.command);
  output_ = world_.newOutput(world_.logFile(id_));
  lane_.emplace(world_.queue.occupy(caller_, host_));
  adopted_ = true;
  phase_ = Phase::RUNNING;
  return output_->goOn(job.log, [this]() { return beforeSending(); });
}

// The rest of an attempt that was begun elsewhere.
Task<JobRun::Outcome> JobRun::rejoin() {
  KJ_DEFER(command_ = nullptr);
  try {
    co_return co_await output_->outcome();
  } catch (const kj::Exception&) {
    // The daemon that ran it has died.
  }
  auto printed =
      co_await offloadFor<LogExtent>(world_.loop, [file = world_.logFile(id_)]() { return extentOfLog(file); });
  co_return outcomeOfCrash(attempts_, printed);
}

void JobRun::resume() {
  suspended_ = false;
  if (isWaiting() || gaveUp_) wait();
}

bool JobKeeper::isSteady() const {
  auto settled = [](const auto& entry) { return entry.second->isSteady(); };
  return using_ == 0 && std::all_of(live_.begin(), live_.end(), settled);
}

// An empty question to the journal is answered after all that was asked before, and after calls that go elsewhere now
// have been dropped.
Task<ReleasedJobs> JobKeeper::release() {
  if (journal_.get() == nullptr) {
    released_ = true;
    co_return ReleasedJobs{};
  }
  releasing_ = true;
  for (auto& [id, run] : live_) run->suspend();
  for (co_await journal_->find({}); !isSteady(); co_await journal_->find({})) {
    co_await loop_.timer.afterDelay(kSettlePause);
  }
  co_return letGo();
}

ReleasedJobs JobKeeper::letGo() {
  ReleasedJobs released{.hadJournal = true};
  for (auto& [id, run] : live_) {
    if (run->phase() != JobRun::Phase::RUNNING) continue;
    kj::Promise<void> over = nullptr;
    released.running.push_back(run->release(over));
    passing_.add(kj::mv(over));
  }
  runs_.emplace(errors());  // those that are on their way to a host go back to the journal, where they never left
  sweeps_.emplace(errors());
  live_.clear();
  dependents_.clear();
  journal_ = nullptr;
  budget_ = std::make_shared<LogBudget>(limits_.logsBytes);
  sweeping_ = releasing_ = false;
  released_ = true;
  return released;
}

void JobKeeper::keep() {
  if (!std::exchange(releasing_, false)) return;
  for (auto& [id, run] : live_) run->resume();
}

Expected<JobKeeper::Outputs> JobKeeper::adopt(std::vector<RunningJob> jobs) {
  released_ = false;
  unopened_.reset();
  for (auto& job : jobs) adopted_.emplace(job.id, kj::mv(job));
  KJ_DEFER(adopted_.clear());
  auto opened = open();
  if (!opened) return fail(kj::mv(opened.error()));
  return std::exchange(outputs_, {});
}

void JobKeeper::takeBack(ReleasedJobs released) {
  std::vector<RunningJob> jobs;
  for (auto& running : released.running) jobs.push_back(kj::mv(running.job));
  std::vector<std::string> ids;
  for (const auto& job : jobs) ids.push_back(job.id);
  auto outputs = adopt(kj::mv(jobs));
  if (!outputs) return;
  for (size_t i = 0; i < ids.size(); ++i) {
    auto output = outputs->find(ids[i]);
    if (output != outputs->end()) released.running[i].output->fulfill(kj::mv(output->second));
  }
}

}  // namespace cbs::queue
