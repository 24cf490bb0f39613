#include "agentd/queue/job_run.h"

#include "agentd/queue/encoded.h"
#include "common/offload.h"

#include <unistd.h>

#include <algorithm>
#include <random>
#include <utility>

namespace cbs::queue {
namespace {

// How long to wait before the disk is tried again.
constexpr kj::Duration kDiskPause = 1 * kj::SECONDS;

uint64_t random64() {
  static std::mt19937_64 generator{std::random_device{}()};
  return generator();
}

core::AttemptEnd endOf(schema::Outcome::Reader outcome) {
  core::AttemptEnd end;
  end.error = decode(outcome.getError());
  auto state = outcome.getState();
  if (state.isUnknown()) end.sent = core::AttemptEnd::Sent::UNKNOWN;
  if (state.isExited() || state.isSignalled()) end.sent = core::AttemptEnd::Sent::YES;
  return end;
}

// A journal that does not know the job will not do so a second later.
bool isSettled(const Expected<void>& written) { return written || written.error().kind == ErrorKind::USAGE; }

// The same outcome, or if that is one of a command that was not sent, one of a command that may have been.
std::string unlessNotSent(std::string outcome) {
  Decoded<schema::Outcome> decoded(outcome);
  if (!decoded.get().getState().isNotSent()) return outcome;
  capnp::MallocMessageBuilder message;
  message.setRoot(decoded.get());
  message.getRoot<schema::Outcome>().getState().setUnknown();
  return encoded(message.getRoot<schema::Outcome>().asReader());
}

// No clock that was set back makes a pause longer.
constexpr kj::Duration kLongestPause = 24 * kj::HOURS;

const Error kDeadlinePassed =
    Error{ErrorKind::TIMED_OUT, Reason::WAIT_TIMED_OUT, "the job's deadline passed"}.with("deadline", "true");

}  // namespace

bool succeeded(schema::Outcome::Reader outcome) {
  auto state = outcome.getState();
  return state.isExited() && state.getExited() == 0 && outcome.getError().getKind() == ErrorKind::NONE;
}

std::string outcomeWithout(bool maybeSent, const Error& error, uint32_t attempts) {
  capnp::MallocMessageBuilder message;
  auto outcome = message.initRoot<schema::Outcome>();
  if (maybeSent) outcome.getState().setUnknown();
  encode(error, outcome.initError());
  outcome.setAttempts(attempts);
  return encoded(outcome.asReader());
}

std::string outcomeOfCrash(uint32_t attempts, const LogExtent& printed) {
  capnp::MallocMessageBuilder message;
  auto outcome = message.initRoot<schema::Outcome>();
  outcome.getState().setUnknown();
  encode(Error{ErrorKind::LOST, Reason::DAEMON_DIED, ""}, outcome.initError());
  outcome.setAttempts(attempts);
  outcome.setStdoutBytes(printed.stdoutBytes);
  outcome.setStderrBytes(printed.stderrBytes);
  return encoded(outcome.asReader());
}

JobRun::JobRun(JobWorld& world, const Job& job)
    : world_(world),
      id_(job.id),
      user_(job.user),
      caller_(job.caller),
      host_(job.host),
      priority_(job.priority),
      idempotent_(job.idempotent),
      retries_(job.retries),
      deadlineMs_(job.deadlineMs),
      attempts_(job.attempts),
      notBeforeMs_(job.notBeforeMs),
      maybeSent_(job.idempotent && job.attempts > 0),
      queuedAt_(world.loop.timer.now()) {
  for (const Dependency& dependency : job.after) {
    waitsFor_.insert(dependency.job);
    if (dependency.mustSucceed) mustSucceed_.insert(dependency.job);
  }
}

JobRun::~JobRun() {
  stopWaiting();
  if (output_.get() != nullptr) output_->close(0);  // an engine may have something to say to it yet
  for (Observer* observer : observers_) observer->gone(*this);
}

// A daemon that ends begins nothing more, but can still be told that a job is not wanted.
void JobRun::wait() {
  gaveUp_ = ending_ && suspended_;  // it could not be written down
  if (gaveUp_) return;
  if (ending_ || interrupted_) return takeTurn();
  if (suspended_) {
    phase_ = Phase::QUEUED;
    return;
  }
  auto now = nowMs();
  if (deadlineMs_ > 0 && deadlineMs_ <= now) {
    noteInterruption(kDeadlinePassed);
    return takeTurn();
  }
  auto& timer = world_.loop.timer;
  if (deadlineMs_ > 0 && deadline_ == nullptr) {
    auto left = static_cast<int64_t>(deadlineMs_ - std::min(deadlineMs_, now)) * kj::MILLISECONDS;
    deadline_ = timer.afterDelay(left).then([this]() { interrupt(kDeadlinePassed); }).eagerlyEvaluate(nullptr);
  }
  if (!waitsFor_.empty()) {
    phase_ = Phase::WAITING;
  } else if (notBeforeMs_ > now) {
    phase_ = Phase::PAUSING;
    auto left = kj::min(static_cast<int64_t>(notBeforeMs_ - now) * kj::MILLISECONDS, kLongestPause);
    pause_ = timer.afterDelay(left).then([this]() { pauseOver(); }).eagerlyEvaluate(nullptr);
  } else {
    phase_ = Phase::QUEUED;
    queuedAt_ = timer.now();
    world_.queue.join(*this, priority_, caller_, host_);
  }
}

// The clocks may differ by a little, and a second pause must not take the place of the one that ends here.
void JobRun::pauseOver() {
  notBeforeMs_ = 0;
  if (phase_ == Phase::PAUSING) wait();
}

void JobRun::admitted(Lane lane) {
  lane_.emplace(kj::mv(lane));
  takeTurn();
}

void JobRun::takeTurn() {
  stopWaiting();
  phase_ = Phase::TURNING;
  world_.turnHasCome(*this);
}

void JobRun::stopWaiting() {
  if (waits()) world_.queue.leave(*this);
}

Task<void> JobRun::run() {
  if (deadlineMs_ > 0 && deadlineMs_ <= nowMs()) noteInterruption(kDeadlinePassed);
  if (!ending_ && interrupted_) endWith(outcomeWithout(false, *interrupted_, attempts_));
  if (!ending_) {
    auto outcome = co_await guarded(std::exchange(adopted_, false) ? rejoin() : attempt());
    concluding_ = true;
    KJ_DEFER(concluding_ = false);
    starting_.reset();
    lane_.reset();
    if (outcome && !unwritten_) {
      co_await follow(*outcome);
    } else {
      notBeforeMs_ = nowMs() + static_cast<uint64_t>(kDiskPause / kj::MILLISECONDS);
    }
  }
  if (ending_) co_await writeDown();
}

// Whatever goes wrong in an attempt, its lane is free afterwards and the job has an end.
Task<JobRun::Outcome> JobRun::guarded(Task<Outcome> attempt) {
  try {
    co_return co_await attempt;
  } catch (const kj::Exception& exception) {
    Error fault{ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()};
    co_return outcomeWithout(phase_ == Phase::RUNNING, fault, attempts_);
  }
}

// One attempt, if the journal says at what.
Task<JobRun::Outcome> JobRun::attempt() {
  unwritten_ = false;
  auto assignment = co_await world_.journal.assignment(id_);
  if (!assignment && assignment.error().kind != ErrorKind::USAGE) co_return std::nullopt;
  ++attempts_;
  if (!assignment) {
    co_return outcomeWithout(false, {ErrorKind::INTERNAL, Reason::UNSPECIFIED, "the journal has lost it"}, attempts_);
  }
  if (interrupted_) co_return outcomeWithout(false, *interrupted_, attempts_);
  co_return co_await command(*assignment);
}

// Before the command is sent, the journal is told: a daemon that dies would be followed by one that sends it again
// otherwise. If it cannot be told, the command is not sent.
kj::Promise<void> JobRun::beforeSending() {
  if (phase_ == Phase::RUNNING) return kj::READY_NOW;  // sent before, and known to be
  auto answer = kj::newPromiseAndFulfiller<void>();
  starting_ = noteStart(kj::mv(answer.fulfiller));
  return kj::mv(answer.promise);
}

Task<void> JobRun::noteStart(kj::Own<kj::PromiseFulfiller<void>> answer) {
  auto written = co_await world_.journal.start(id_, attempts_, nowMs());
  unwritten_ = !written;
  if (!written || interrupted_) {
    answer->reject(KJ_EXCEPTION(FAILED, "it is not to be sent"));
    co_return;
  }
  phase_ = Phase::RUNNING;
  output_->wakeReaders();
  answer->fulfill();
}

Task<std::string> JobRun::command(const Assignment& assignment) {
  if (output_.get() == nullptr) output_ = world_.newOutput(world_.logFile(id_));
  for (auto& waiting : std::exchange(awaitingStart_, {})) waiting->fulfill();
  Decoded<schema::ExecRequest> request(assignment.request);
  Decoded<schema::CallerContext> context(assignment.context);
  auto queued = world_.loop.timer.now() - queuedAt_;
  auto launched = co_await world_.launcher.launch(
      {user_, request.get(), context.get(), timeoutMs(request.get()), queued, id_, caller_},
      output_->begin([this]() { return beforeSending(); }));
  if (!launched) co_return outcomeWithout(false, launched.error(), attempts_);
  command_ = kj::mv(launched->command);
  KJ_DEFER(command_ = nullptr);
  if (interrupted_) cancel();
  try {
    co_await launched->told;
  } catch (const kj::Exception& exception) {
    Error fault{ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()};
    co_return outcomeWithout(phase_ == Phase::RUNNING, fault, attempts_);
  }
  co_return co_await output_->outcome();
}

// The time that the command has, its deadline's included. One that has passed leaves the shortest there is.
uint64_t JobRun::timeoutMs(schema::ExecRequest::Reader request) const {
  uint64_t timeout = request.getSpec().getTimeoutMs();
  if (deadlineMs_ == 0) return timeout;
  auto now = nowMs();
  uint64_t left = deadlineMs_ > now ? deadlineMs_ - now : 1;
  return timeout == 0 ? left : std::min(timeout, left);
}

// What comes after an attempt.
Task<void> JobRun::follow(const std::string& outcome) {
  Decoded<schema::Outcome> decoded(outcome);
  auto end = endOf(decoded.get());
  if (interrupted_ && end.sent == core::AttemptEnd::Sent::NO) {
    co_return endWith(outcomeWithout(false, *interrupted_, attempts_));
  }
  auto fate = interrupted_ ? core::JobFate::END : core::fateAfter(end, {idempotent_, retries_, attempts_});
  if (fate == core::JobFate::TRY_AGAIN && end.error.reason == Reason::BREAKER_OPEN) --attempts_;
  maybeSent_ |= end.sent != core::AttemptEnd::Sent::NO;
  switch (fate) {
    case core::JobFate::END:
      endWith(outcome);
      co_return;
    case core::JobFate::PUT_BACK:
      co_return co_await putBack(kDiskPause);  // a daemon that ends does not begin it again meanwhile
    case core::JobFate::TRY_AGAIN:
      co_return co_await putBack(core::pauseBefore(attempts_, end.error, random64()));
  }
}

Task<void> JobRun::putBack(kj::Duration pause) {
  phase_ = Phase::TURNING;
  notBeforeMs_ = nowMs() + static_cast<uint64_t>(pause / kj::MILLISECONDS);
  for (;;) {
    auto written = co_await world_.journal.requeue(id_, attempts_, suspended_ ? 0 : notBeforeMs_);
    if (isSettled(written) || suspended_) break;
    co_await world_.loop.timer.afterDelay(kDiskPause);
  }
}

// An attempt that was not sent says nothing of those before it.
void JobRun::endWith(std::string outcome) {
  if (maybeSent_) outcome = unlessNotSent(kj::mv(outcome));
  Decoded<schema::Outcome> decoded(outcome);
  Ending ending{.id = id_, .endedMs = nowMs(), .attempts = attempts_};
  ending.succeeded = succeeded(decoded.get());
  ending.outcome = kj::mv(outcome);
  ending.log = "";
  if (output_.get() != nullptr) {
    const LogWriter& log = output_->log();
    ending.logBytes = log.size();
    ending.logDroppedBytes = output_->dropped();
    ending.log = log.small();
    if (!log.isSmall()) ending.log.reset(), ending.logFile = log.file();
  }
  conclude(kj::mv(ending));
}

// Whoever waits for the end is told when it is durable, so a full disk is tried again and again. A daemon that ends
// leaves it at one attempt.
Task<void> JobRun::writeDown() {
  phase_ = Phase::ENDING;
  for (;;) {
    auto written = co_await world_.journal.end(*ending_);
    if (isSettled(written)) break;
    if (suspended_) co_return;
    co_await world_.loop.timer.afterDelay(kDiskPause);
  }
  if (ending_->log) unlink(world_.logFile(id_).c_str());
  if (output_.get() != nullptr) output_->close(ending_->logBytes);
  phase_ = Phase::ENDED;
  for (Observer* observer : std::exchange(observers_, {})) observer->ended(*this);
}

kj::Promise<void> JobRun::whenNews() {
  if (output_.get() != nullptr) return output_->whenMore();
  std::erase_if(awaitingStart_, [](auto& waiting) { return !waiting->isWaiting(); });
  auto pair = kj::newPromiseAndFulfiller<void>();
  awaitingStart_.push_back(kj::mv(pair.fulfiller));
  return kj::mv(pair.promise);
}

void JobRun::dependencyEnded(const std::string& job, bool succeeded) {
  if (waitsFor_.erase(job) == 0) return;
  if (!succeeded && mustSucceed_.contains(job)) {
    interrupt(Error{ErrorKind::CANCELLED, Reason::DEPENDENCY_FAILED, ""}.with("after", job));
  } else if (waitsFor_.empty() && phase_ == Phase::WAITING) {
    wait();
  }
}

bool JobRun::cancel() {
  interrupt({ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, ""});
  KJ_IF_MAYBE (command, command_) {
    command->cancelRequest().send().detach([](kj::Exception&&) {});
  }
  return phase_ == Phase::RUNNING;
}

void JobRun::suspend() {
  suspended_ = true;
  stopWaiting();
}

void JobRun::noteInterruption(Error why) {
  if (!interrupted_) interrupted_ = std::make_unique<Error>(kj::mv(why));
}

void JobRun::interrupt(Error why) {
  noteInterruption(kj::mv(why));
  if (isWaiting()) takeTurn();
}

}  // namespace cbs::queue
