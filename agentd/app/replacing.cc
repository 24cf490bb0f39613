// How a daemon leaves its place to another one.
#include "agentd/app/daemon.h"
#include "agentd/app/service_manager.h"
#include "agentd/telemetry/log.h"
#include "common/deadline.h"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace cbs::app {
namespace {

const telemetry::Log kReplacing(telemetry::Category::APP);

constexpr auto kStartLimit = 30 * kj::SECONDS;
constexpr auto kReleaseLimit = 15 * kj::SECONDS;
constexpr auto kTellingStop = 5 * kj::SECONDS;
constexpr auto kRetirement = 24 * kj::HOURS;  // then what still runs is cancelled, as with drain

}  // namespace

// What a successor can still ask for.
class Daemon::Predecessor final : public schema::Predecessor::Server {
 public:
  explicit Predecessor(Daemon& daemon) : daemon_(daemon) {}

  kj::Promise<void> stop(StopContext context) override {
    auto grace = withinRetirement(context.getParams().getGraceMs());
    return whenReplaced([this, grace]() { daemon_.stop(grace); });
  }
  kj::Promise<void> drain(DrainContext context) override {
    auto limit = withinRetirement(context.getParams().getLimitMs());
    return whenReplaced([this, limit]() { daemon_.drain(limit); });
  }
  kj::Promise<void> reload(ReloadContext) override {
    return whenReplaced([this]() { std::ignore = daemon_.reload(); });
  }

 private:
  static kj::Duration withinRetirement(uint64_t milliseconds) {
    auto most = static_cast<uint64_t>(kRetirement / kj::MILLISECONDS);
    return static_cast<int64_t>(std::min(milliseconds, most)) * kj::MILLISECONDS;
  }
  // A successor may be faster to ask than this daemon to learn that it has one.
  kj::Promise<void> whenReplaced(std::function<void()> then) {
    return daemon_.replacing_.addBranch().then([then = std::move(then)](Expected<pid_t> pid) {
      if (pid) then();
    });
  }

  Daemon& daemon_;
};

void Daemon::follow(schema::Predecessor::Client predecessor) {
  predecessor_ = kj::mv(predecessor);
  auto pair = kj::newPromiseAndFulfiller<void>();
  predecessorGone_ = kj::mv(pair.fulfiller);
  alone_ = pair.promise.fork();
}

void Daemon::followNobody() {
  predecessor_ = nullptr;
  if (predecessorGone_.get() != nullptr) predecessorGone_->fulfill();
}

Expected<queue::JobKeeper::Outputs> Daemon::adoptJobs(std::vector<queue::RunningJob> jobs) {
  adopted_ = true;
  if (!jobs.empty()) kReplacing.info("jobs run in the daemon before this one", {{"jobs", jobs.size()}});
  auto outputs = jobs_.adopt(kj::mv(jobs));
  if (!outputs) {
    kReplacing.warn("no jobs", {{"file", outputs.error().fact("file")}, {"detail", outputs.error().detail}});
  }
  return outputs;
}

std::optional<Error> Daemon::whyNotReplaced() const {
  if (successor_ != nullptr) {
    return Error{ErrorKind::USAGE, Reason::BAD_REQUEST,
                 "pid " + std::to_string(successor_->pid()) + " has replaced it"};
  }
  if (isReplacing_) return Error{ErrorKind::USAGE, Reason::BAD_REQUEST, "the daemon is being replaced already"};
  if (stopping_ || draining_) return Error{ErrorKind::OVERLOADED, Reason::DRAINING, "the daemon is ending"};
  return std::nullopt;
}

kj::Promise<Expected<pid_t>> Daemon::replace() {
  if (auto why = whyNotReplaced()) return Expected<pid_t>(fail(std::move(*why)));
  isReplacing_ = true;
  kReplacing.info("starting a successor", {{"program", program_.path}});
  replacing_ = replaceOnce().promise().fork();
  return replacing_.addBranch();
}

Task<Expected<pid_t>> Daemon::replaceOnce() {
  KJ_DEFER(isReplacing_ = isPassing_ = false);
  auto successor = co_await handOver();
  isReplacing_ = isPassing_ = false;
  if (!successor) {
    kReplacing.error("not replaced", {{"detail", successor.error().detail}});
    if (auto grace = std::exchange(stopAskedMeanwhile_, std::nullopt)) stop(*grace);
    co_return fail(std::move(successor.error()));
  }
  successor_ = std::move(*successor);
  retire();
  co_return successor_->pid();
}

// It has the jobs and the callers now, and ends this daemon as well.
kj::Promise<void> Daemon::stopSuccessor(kj::Duration grace) {
  auto request = successor_->agentFor({geteuid(), "signal"}).stopRequest();
  request.setGraceMs(static_cast<uint64_t>(grace / kj::MILLISECONDS));
  auto told = request.send().ignoreResult().catch_([](kj::Exception&&) {});
  return told.exclusiveJoin(loop_.timer.afterDelay(kTellingStop)).eagerlyEvaluate(nullptr);
}

Task<Expected<std::unique_ptr<Successor>>> Daemon::handOver() {
  Successor::Inheritance inheritance{post_->lock.fd(), post_->listener.fd(), post_->listener.isOwn(),
                                     kj::heap<Predecessor>(*this)};
  auto successor = co_await Successor::start(loop_, program_, kj::mv(inheritance), kStartLimit);
  if (!successor) co_return fail(std::move(successor.error()));
  if (stopping_ || draining_) co_return fail(ErrorKind::OVERLOADED, Reason::DRAINING, "the daemon is ending");
  auto passed = co_await passEverything(**successor);
  if (passed) co_return std::move(*successor);
  goOn();
  co_return fail(std::move(passed.error()));
}

// Callers who come from now on wait in the kernel's queue for whoever serves next.
Task<Expected<void>> Daemon::passEverything(Successor& successor) {
  isPassing_ = true;
  closeDoors();
  services_.succession.begin();
  Error late{ErrorKind::OVERLOADED, Reason::JOURNAL_UNAVAILABLE, "what jobs have come to cannot be written down"};
  auto released = co_await within(loop_.timer, kReleaseLimit, std::move(late), releaseJobs());
  if (!released) {
    jobs_.keep();
    co_return fail(std::move(released.error()));
  }
  auto taken = co_await successor.takeOver(*released);
  if (taken) co_return taken;
  co_await successor.kill();  // it may have the journal
  jobs_.takeBack(kj::mv(*released));
  co_return taken;
}

Task<Expected<queue::ReleasedJobs>> Daemon::releaseJobs() { co_return co_await jobs_.release(); }

// Nothing has come of it. The successor may have signed the lock.
void Daemon::goOn() {
  services_.succession.abandon();
  std::ignore = post_->lock.sign();
  openDoors();
}

void Daemon::retire() {
  services_.succession.settle([this](const rpc::Caller& caller) { return successor_->agentFor(caller); });
  notifyMainProcess(successor_->pid());
  watchdog_.reset();
  successor_->leaveRunning();
  post_->listener.leaveName();
  post_.reset();
  jobs_.suspend();
  if (auto fresh = loadConfig(source_)) access_.setRules(fresh->config.access);
  kReplacing.info("replaced", {{"pid", successor_->pid()}});
  retiring_.emplace(stopWhenLeft());
}

Task<void> Daemon::stopWhenLeft() {
  if (auto grace = std::exchange(stopAskedMeanwhile_, std::nullopt)) co_await stopSuccessor(*grace);
  auto left = callers_.retire().then([this]() { return whenIdle(); });
  co_await left.exclusiveJoin(loop_.timer.afterDelay(kRetirement));
  end(0 * kj::SECONDS);
}

}  // namespace cbs::app
