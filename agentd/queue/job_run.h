// One job that has not ended: its turns, its attempts, its end.
#pragma once

#include "agentd/core/job_policy.h"
#include "agentd/queue/command_queue.h"
#include "agentd/queue/job_output.h"
#include "agentd/queue/journal.h"
#include "agentd/queue/launcher.h"
#include "agentd/queue/running_job.h"
#include "common/loop.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cbs::queue {

class JobRun;

// What jobs run with. All of it outlives them.
struct JobWorld {
  Loop loop;
  const kj::Clock& clock;
  CommandQueue& queue;
  Journal& journal;
  Launcher& launcher;
  std::function<std::string(const std::string& id)> logFile;
  std::function<kj::Own<JobOutput>(std::string logFile)> newOutput;
  std::function<void(JobRun& run)> turnHasCome;
};

// While it waits it is little more than its names, as there may be very many: it has no task, and no output before its
// first attempt.
class JobRun final : private Entrant {
 public:
  // NEW: not begun to wait. WAITING: for other jobs. PAUSING: before another attempt. TURNING: its turn has come, and
  // nothing was sent yet. ENDING: the journal is being told.
  enum class Phase { NEW, WAITING, PAUSING, QUEUED, TURNING, RUNNING, ENDING, ENDED };

  // `job` is as the journal has it.
  JobRun(JobWorld& world, const Job& job);
  KJ_DISALLOW_COPY(JobRun);
  ~JobRun();

  // Waits for its turn, once the journal has the job, and again when run() has not brought its end. When the turn has
  // come the world is told, maybe before this returns; then run() is to be called.
  void wait();

  // An attempt, or the end. Either is durable when this resolves. If the job has not ended it is to wait again.
  Task<void> run();

  // What it is to come to, instead of waiting. Before wait() only.
  void conclude(Ending ending) { ending_ = std::make_unique<Ending>(kj::mv(ending)); }
  // One that it waits for has ended.
  void dependencyEnded(const std::string& job, bool succeeded);
  // What waits will never run, which is durable when it has ended; what runs is told to end. True: it ran.
  bool cancel();
  // The daemon ends. What waits stays in the journal, what runs goes on, and back there if it may.
  void suspend();
  // It does not end after all.
  void resume();

  // Whether it neither begins nor ends just now, so that the journal knows all of it.
  bool isSteady() const;
  // Leaves a job that runs, and is settled, to another daemon, and is to be dropped then. What its command prints waits
  // for a sink. `over` gets what resolves when the outcome was passed on.
  ReleasedJobs::Running release(kj::Promise<void>& over);
  // Goes on with a job that runs elsewhere: gives where its output goes. Instead of wait(); run() brings its end.
  schema::OutputSink::Client adopt(RunningJob job);

  // One who waits for the end, and is told of one thing or the other, once, unless it is taken off before.
  class Observer {
   public:
    virtual void ended(JobRun& run) = 0;  // durably
    virtual void gone(JobRun& run) = 0;   // without having ended

   protected:
    ~Observer() = default;
  };
  void addObserver(Observer& observer) { observers_.push_back(&observer); }
  void removeObserver(Observer& observer) { std::erase(observers_, &observer); }
  // When it has printed more, or begins to run.
  kj::Promise<void> whenNews();
  bool hasEnded() const { return phase_ == Phase::ENDED; }
  // Once it has ended.
  bool hasSucceeded() const { return ending_ && ending_->succeeded; }
  // Null until then.
  const Ending* ending() const { return ending_.get(); }
  uint64_t logBytes() const { return ending_ ? ending_->logBytes : 0; }

  const std::string& id() const { return id_; }
  Phase phase() const { return phase_; }
  uint32_t attempts() const { return attempts_; }
  uint64_t notBeforeMs() const { return notBeforeMs_; }
  const std::set<std::string>& waitsFor() const { return waitsFor_; }
  // Null before the first attempt.
  JobOutput* output() { return output_.get(); }
  const JobOutput* output() const { return output_.get(); }

 private:
  using Outcome = std::optional<std::string>;  // encoded; nothing: there was no attempt

  void pauseOver();
  void admitted(Lane lane) override;
  void takeTurn();
  void stopWaiting();
  bool isWaiting() const { return phase_ >= Phase::WAITING && phase_ <= Phase::QUEUED; }
  Task<Outcome> attempt();
  Task<Outcome> rejoin();
  kj::Promise<void> beforeSending();
  Task<void> noteStart(kj::Own<kj::PromiseFulfiller<void>> answer);
  Task<Outcome> guarded(Task<Outcome> attempt);
  Task<std::string> command(const Assignment& assignment);
  Task<void> follow(const std::string& outcome);
  Task<void> putBack(kj::Duration pause);
  void endWith(std::string outcome);
  Task<void> writeDown();
  void noteInterruption(Error why);
  void interrupt(Error why);
  uint64_t timeoutMs(schema::ExecRequest::Reader request) const;
  uint64_t nowMs() const { return timeOfDayMs(world_.clock); }

  JobWorld& world_;
  const std::string id_;
  const uid_t user_;
  const std::string caller_;
  const std::string host_;
  const schema::Priority priority_;
  const bool idempotent_;
  const uint32_t retries_;
  const uint64_t deadlineMs_;
  uint32_t attempts_;
  uint64_t notBeforeMs_;
  bool maybeSent_;  // in an earlier attempt
  std::set<std::string> waitsFor_;
  std::set<std::string> mustSucceed_;
  kj::Own<JobOutput> output_;

  Phase phase_ = Phase::NEW;
  bool suspended_ = false;
  bool concluding_ = false;             // an attempt is over, and what comes of it is being written down
  bool adopted_ = false;                // its attempt was begun elsewhere
  bool gaveUp_ = false;                 // its end could not be written down, and the daemon ends
  std::unique_ptr<Error> interrupted_;  // why it is not to begin any more
  std::unique_ptr<Ending> ending_;
  std::optional<Lane> lane_;
  std::optional<Task<void>> starting_;
  bool unwritten_ = false;  // the attempt that was not sent, as the journal could not be told
  kj::TimePoint queuedAt_;
  kj::Maybe<kj::Promise<void>> pause_;
  kj::Maybe<kj::Promise<void>> deadline_;
  kj::Maybe<schema::Command::Client> command_;
  std::vector<Observer*> observers_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> awaitingStart_;
};

// It exited with status 0, and nothing else is to be said of it.
bool succeeded(schema::Outcome::Reader outcome);

// An encoded outcome of a command whose daemon died, after it had printed this.
std::string outcomeOfCrash(uint32_t attempts, const LogExtent& printed);

// An encoded outcome of a command that was not sent, or whose fate is unknown.
std::string outcomeWithout(bool maybeSent, const Error& error, uint32_t attempts);

}  // namespace cbs::queue
