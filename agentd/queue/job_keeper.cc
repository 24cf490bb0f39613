#include "agentd/queue/job_keeper.h"

#include "agentd/queue/encoded.h"

#include <kj/debug.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <utility>

namespace cbs::queue {
namespace {

constexpr kj::Duration kSweepInterval = 60 * kj::SECONDS;
constexpr kj::Duration kDiskPause = 1 * kj::SECONDS;  // before the disk is tried again
constexpr unsigned kReaders = 8;                      // threads at a time

uint64_t random64() {
  static std::random_device device;
  return uint64_t{device()} << 32 | device();
}

bool hasSucceeded(const Job& job) { return succeeded(Decoded<schema::Outcome>(job.outcome).get()); }

}  // namespace

JobKeeper::JobKeeper(Loop loop, const kj::Clock& clock, CommandQueue& queue, Launcher& launcher, std::string folder,
                     JobLimits limits)
    : loop_(loop),
      clock_(clock),
      queue_(queue),
      launcher_(launcher),
      folder_(kj::mv(folder)),
      limits_(limits),
      budget_(std::make_shared<LogBudget>(limits.logsBytes)),
      readers_(kReaders),
      openedAt_(loop.timer.now()),
      passing_(*this),
      sweeps_(std::in_place, errors()),
      runs_(std::in_place, errors()) {}

// The lanes that go with it are for others.
JobKeeper::~JobKeeper() noexcept(false) {
  for (auto& [id, run] : live_) run->suspend();
}

JobWorld JobKeeper::world() {
  return {.loop = loop_,
          .clock = clock_,
          .queue = queue_,
          .journal = *journal_,
          .launcher = launcher_,
          .logFile = [this](const std::string& id) { return logFile(id); },
          .newOutput =
              [this](std::string file) {
                return kj::refcounted<JobOutput>(clock_, budget_, std::move(file), limits_.logBytes);
              },
          .turnHasCome = [this](JobRun& run) { runs_->add(takeTurn(run)); }};
}

JobRun& JobKeeper::enlist(const Job& job) {
  auto run = kj::heap<JobRun>(*world_, job);
  JobRun& result = *run;
  live_.emplace(job.id, kj::mv(run));
  for (const Dependency& dependency : job.after) dependents_[dependency.job].insert(job.id);
  return result;
}

Task<Expected<Added>> JobKeeper::submit(Job job, Assignment assignment) {
  auto answer = kj::newPromiseAndFulfiller<Expected<Added>>();
  auto accepting = accept(kj::mv(job), kj::mv(assignment)).promise();
  runs_->add(accepting.then(
      [fulfiller = kj::mv(answer.fulfiller)](Expected<Added> added) mutable { fulfiller->fulfill(kj::mv(added)); }));
  co_return co_await answer.promise;
}

Task<Expected<Added>> JobKeeper::accept(Job job, Assignment assignment) {
  if (releasing_ || released_) co_return refuse(*refusal());
  ++using_;
  KJ_DEFER(--using_);
  if (auto opened = openJournal(); !opened) co_return refuse(kj::mv(opened.error()));
  if (auto why = refusal()) co_return refuse(kj::mv(*why));
  auto over = co_await nameDependencies(job);
  if (!over) co_return refuse(kj::mv(over.error()));
  if (auto why = refusal()) co_return refuse(kj::mv(*why));  // time has passed
  job.submittedMs = timeOfDayMs(clock_);
  job.id = ids_.next(job.submittedMs, random64());
  JobRun& run = enlist(job);
  for (const auto& [dependency, succeeded] : *over) dependencyEnded(run, dependency, succeeded);
  auto added = co_await journal_->add(kj::mv(job), kj::mv(assignment));
  if (!added || added->existing) {
    leave(run);
    if (!added) co_return refuse(kj::mv(added.error()));
    co_return added;
  }
  if (suspended_ || releasing_) run.suspend();
  runs_->add(begin(run));
  co_return added;
}

tl::unexpected<Error> JobKeeper::refuse(Error why) {
  ++rejections_[why.reason];
  return fail(kj::mv(why));
}

// Why no job is taken now.
std::optional<Error> JobKeeper::refusal() const {
  if (suspended_ || releasing_ || released_)
    return Error{ErrorKind::OVERLOADED, Reason::DRAINING, "the daemon takes no new jobs"};
  if (live_.size() < limits_.capacity) return std::nullopt;
  return Error{ErrorKind::OVERLOADED, Reason::QUEUE_FULL, "as many jobs wait as the daemon allows"}
      .with("jobs", std::to_string(live_.size()))
      .with("capacity", std::to_string(limits_.capacity));
}

// Puts ids in the place of names. Gives those that have ended, and whether they succeeded.
Task<Expected<JobKeeper::Ends>> JobKeeper::nameDependencies(Job& job) {
  Ends ends;
  if (job.after.empty()) co_return ends;
  std::vector<std::string> names;
  for (const Dependency& dependency : job.after) names.push_back(dependency.job);
  auto found = co_await find(kj::mv(names));
  if (!found) co_return fail(kj::mv(found.error()));
  for (size_t i = 0; i < found->size(); ++i) {
    const Job& other = (*found)[i];
    job.after[i].job = other.id;
    if (other.state == schema::JobState::ENDED) ends.emplace(other.id, hasSucceeded(other));
  }
  co_return ends;
}

void JobKeeper::dependencyEnded(JobRun& run, const std::string& dependency, bool succeeded) {
  auto dependents = dependents_.find(dependency);
  if (dependents != dependents_.end()) {
    dependents->second.erase(run.id());
    if (dependents->second.empty()) dependents_.erase(dependents);
  }
  run.dependencyEnded(dependency, succeeded);
}

// Of a job that the journal has.
Task<void> JobKeeper::begin(JobRun& run) {
  if (!run.waitsFor().empty()) co_await settleDependencies(run);
  run.wait();
}

Task<void> JobKeeper::takeTurn(JobRun& run) {
  co_await run.run();
  if (run.hasEnded()) {
    finish(run);
  } else {
    run.wait();
  }
}

void JobKeeper::finish(JobRun& run) {
  ++ended_;
  if (run.ending() != nullptr) onEnd_(*run.ending());
  if (run.output() == nullptr) budget_->add(run.logBytes());  // of a job that an earlier daemon ran
  auto dependents = dependents_.extract(run.id());
  if (!dependents.empty()) {
    for (const auto& id : dependents.mapped()) {
      auto waiting = live_.find(id);
      if (waiting != live_.end()) waiting->second->dependencyEnded(run.id(), run.hasSucceeded());
    }
  }
  leave(run);
  if (budget_->tight()) sweeps_->add(sweep());
}

bool JobKeeper::hasEnded(const std::string& id) const {
  auto live = live_.find(id);
  return live == live_.end() || live->second->hasEnded();
}

// What a job waits for and is not live has ended; what is live tells when it does.
Task<void> JobKeeper::settleDependencies(JobRun& run) {
  std::vector<std::string> over;
  for (const auto& id : run.waitsFor()) {
    if (hasEnded(id)) over.push_back(id);
  }
  while (!over.empty()) {
    auto found = co_await journal_->find(over);
    if (!found) {
      co_await loop_.timer.afterDelay(kDiskPause);
      continue;
    }
    for (size_t i = 0; i < over.size(); ++i) {
      bool succeeded = (*found)[i] && hasSucceeded(*(*found)[i]);
      dependencyEnded(run, over[i], succeeded);
    }
    co_return;
  }
}

void JobKeeper::leave(JobRun& run) {
  std::string id = run.id();
  auto waitsFor = run.waitsFor();
  for (const auto& dependency : waitsFor) {
    auto dependents = dependents_.find(dependency);
    if (dependents == dependents_.end()) continue;
    dependents->second.erase(id);
    if (dependents->second.empty()) dependents_.erase(dependents);
  }
  live_.erase(id);
}

void JobKeeper::setLimits(JobLimits limits) {
  limits_ = limits;
  budget_->setMost(limits.logsBytes);
}

JobFigures JobKeeper::figures() const {
  JobFigures figures{.ended = ended_, .rejections = rejections_};
  for (const auto& [reason, count] : rejections_) figures.rejected += count;
  auto runs = [](const auto& entry) { return entry.second->phase() >= JobRun::Phase::TURNING; };
  figures.running = static_cast<uint64_t>(std::count_if(live_.begin(), live_.end(), runs));
  figures.waiting = live_.size() - figures.running;
  return figures;
}

void JobKeeper::suspend() {
  if (std::exchange(suspended_, true)) return;
  settled_ = kj::joinPromises(kj::arr(runs_->onEmpty(), passing_.onEmpty())).fork();
  for (auto& [id, run] : live_) run->suspend();
}

Task<void> JobKeeper::sweepNowAndThen() {
  for (;;) {
    co_await loop_.timer.afterDelay(kSweepInterval);
    co_await sweep();
  }
}

// Forgets what has been kept for long enough, or is in the way.
Task<void> JobKeeper::sweep() {
  if (sweeping_) co_return;
  sweeping_ = true;
  KJ_DEFER(sweeping_ = false);
  auto now = timeOfDayMs(clock_);
  Journal::Retention retention;
  retention.endedBeforeMs = now - std::min(now, limits_.retentionSeconds * 1000);
  retention.mostEnded = limits_.history;
  retention.mostLogBytes = limits_.logsBytes / 10 * 7;
  auto forgotten = co_await journal_->forget(retention);
  if (!forgotten) co_return;
  for (const auto& job : *forgotten) {
    budget_->give(job.logBytes);
    unlink(logFile(job.id).c_str());
  }
}

void JobKeeper::taskFailed(kj::Exception&& exception) { KJ_LOG(ERROR, "a job has failed", exception); }

}  // namespace cbs::queue
