#include "agentd/rpc/fan_out_server.h"

#include "agentd/rpc/ending_signal.h"
#include "agentd/rpc/fan_out_request.h"
#include "agentd/telemetry/log.h"
#include "common/deadline.h"

#include <utility>

namespace cbs::rpc {
namespace {

using core::FanStop;

// Beginning on a host takes some tens of microseconds, and others have something to do as well.
constexpr unsigned kAtATime = 16;

constexpr const char* kDeadlinePassed = "the deadline for all hosts passed";

Error withDeadline(Error error, kj::Duration deadline) {
  return kj::mv(error).with("timeoutMs", std::to_string(deadline / kj::MILLISECONDS)).with("deadline", "true");
}

// The same with the deadline of the whole as the reason.
template <typename Told>
kj::Own<capnp::MessageBuilder> overdue(Told told, kj::Duration deadline) {
  auto message = kj::heap<capnp::MallocMessageBuilder>();
  message->setRoot(told);
  Error why = decode(told.getError());
  std::erase_if(why.facts, [](const auto& fact) { return fact.name == "timeoutMs"; });
  why.detail = kDeadlinePassed;
  encode(withDeadline(kj::mv(why), deadline), message->template getRoot<capnp::FromReader<Told>>().getError());
  return message;
}

}  // namespace

FanOutServer::FanOutServer(Services& services, Caller caller, schema::FanOutRequest::Reader request,
                           schema::FanOutObserver::Client observer)
    : services_(services),
      caller_(kj::mv(caller)),
      id_(services.work.newId()),
      start_(services.loop.timer.now()),
      deadline_(limitOf(request.getDeadlineMs())),
      works_(hostWorksOf(services, caller_, request)),
      plan_(fanLimitsOf(request, services.config, start_)),
      outbox_(kj::mv(observer)) {
  message_.setRoot(request.getTargets());
  targets_ = message_.getRoot<capnp::List<capnp::Text>>().asReader();
  callerGone_ = outbox_.whenBroken().eagerlyEvaluate([this](kj::Exception&&) { loseCaller(); });
  run_ = run().promise().eagerlyEvaluate(nullptr);
}

FanOutServer::~FanOutServer() noexcept(false) { noteEnd(); }

Task<void> FanOutServer::run() {
  WorkLog::Entry work(services_.work);
  Activity::Entry active(caller_.activity);
  FanOuts::Entry entry(services_.fanOuts, *this);
  noteBegin();
  if (services_.fanOutQueue.draining()) stop(FanStop::DRAINING);
  while (!plan_.over()) {
    changed_ = false;
    letGoOfEnded();
    if (mustRefuse()) co_await refuseRest();
    co_await outbox_.whenRoom();
    bool more = beginSome();
    co_await (more ? services_.loop.timer.afterDelay(0 * kj::SECONDS) : whenChanged());
  }
  letGoOfEnded();
  co_await refuseRest();
  noteEnd();
  co_await outbox_.finish();
}

// Whether there is more to do at once.
bool FanOutServer::beginSome() {
  for (unsigned begun = 0; begun < kAtATime; ++begun) {
    auto next = plan_.next(services_.loop.timer.now());
    KJ_IF_MAYBE (host, next) {
      begin(*host);
    } else {
      return mustRefuse();
    }
  }
  return true;
}

void FanOutServer::begin(uint32_t host) {
  outbox_.started(host);
  auto& work = running_[host];
  auto fault = kj::runCatchingExceptions([&]() { work = works_->begin(host, targets_[host], limitMs(), *this); });
  KJ_IF_MAYBE (exception, fault) {
    works_->refuse(host, {ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception->getDescription().cStr()}, *this);
  }
}

// What a host has that begins now: what is left for all of them, or less.
uint64_t FanOutServer::limitMs() const {
  const uint64_t own = works_->timeoutMs();
  if (deadline_ == 0 * kj::SECONDS) return own;
  const auto left = start_ + deadline_ - services_.loop.timer.now() + 1 * kj::MILLISECONDS - 1 * kj::NANOSECONDS;
  const auto leftMs = static_cast<uint64_t>(kj::max(left / kj::MILLISECONDS, int64_t{1}));
  return own == 0 ? leftMs : kj::min(own, leftMs);
}

bool FanOutServer::mustRefuse() const {
  return plan_.stopped() != FanStop::NONE && plan_.begun() + refused_ < targets_.size();
}

// As fast as the caller takes it.
Task<void> FanOutServer::refuseRest() {
  const Error why = whyNotBegun();
  while (mustRefuse()) {
    co_await outbox_.whenRoom();
    works_->refuse(plan_.begun() + refused_, why, *this);
  }
}

Error FanOutServer::whyNotBegun() const {
  switch (plan_.stopped()) {
    case FanStop::FAILURES:
      return {ErrorKind::CANCELLED, Reason::FAILURES_EXCEEDED, "too many other hosts had failed"};
    case FanStop::DEADLINE:
      return withDeadline({ErrorKind::TIMED_OUT, Reason::WAIT_TIMED_OUT, kDeadlinePassed}, deadline_);
    case FanStop::DRAINING:
      return {ErrorKind::OVERLOADED, Reason::DRAINING, "the daemon takes no new commands"};
    case FanStop::CANCELLED:
    case FanStop::NONE:
      break;
  }
  return {ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, "before it began"};
}

kj::Promise<void> FanOutServer::printed(uint32_t host, Chunk chunk) { return outbox_.printed(host, kj::mv(chunk)); }

void FanOutServer::ended(uint32_t host, schema::Outcome::Reader outcome) {
  if (isOverdue(host, outcome.getError())) {
    auto blamed = overdue(outcome, deadline_);
    outbox_.ended(host, blamed->getRoot<schema::Outcome>());
  } else {
    outbox_.ended(host, outcome);
  }
  settle(host, fateOf(outcome) != Fate::SUCCEEDED);
}

void FanOutServer::moved(uint32_t host, schema::TransferResult::Reader result) {
  if (isOverdue(host, result.getError())) {
    auto blamed = overdue(result, deadline_);
    outbox_.moved(host, blamed->getRoot<schema::TransferResult>());
  } else {
    outbox_.moved(host, result);
  }
  settle(host, result.getError().getKind() != ErrorKind::NONE);
}

// Whether it is the deadline for all that has cut short what ran, rather than the time of the host's own.
bool FanOutServer::isOverdue(uint32_t host, schema::Error::Reader error) const {
  bool late = deadline_ > 0 * kj::SECONDS && services_.loop.timer.now() >= start_ + deadline_;
  if (!late || !running_.contains(host)) return false;
  auto reason = error.getReason();
  return reason == Reason::COMMAND_TIMED_OUT || reason == Reason::WAIT_TIMED_OUT;
}

// It may be the work itself that says so, which is not to be dropped at the same time.
void FanOutServer::settle(uint32_t host, bool failed) {
  services_.fanOuts.hostEnded();
  if (!running_.contains(host)) {
    ++refused_;
    return;
  }
  plan_.ended(failed);
  ended_.push_back(host);
  change();
}

void FanOutServer::letGoOfEnded() {
  for (uint32_t host : std::exchange(ended_, {})) running_.erase(host);
}

kj::Promise<void> FanOutServer::signal(SignalContext context) {
  auto name = context.getParams().getName();
  if (endsProcesses({name.begin(), name.size()})) stop(FanStop::CANCELLED);
  for (auto& [host, work] : running_) {
    if (work.get() != nullptr) work->signal(name);
  }
  return kj::READY_NOW;
}

kj::Promise<void> FanOutServer::cancel(CancelContext) {
  stop(FanStop::CANCELLED);
  for (auto& [host, work] : running_) {
    if (work.get() != nullptr) work->cancel();
  }
  return kj::READY_NOW;
}

void FanOutServer::stop(FanStop why) {
  plan_.stop(why);
  change();
}

void FanOutServer::change() {
  changed_ = true;
  if (waitsForChange_.get() != nullptr) waitsForChange_->fulfill();
}

// Resolves when something has changed, or it is time for another host.
kj::Promise<void> FanOutServer::whenChanged() {
  if (changed_) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waitsForChange_ = kj::mv(pair.fulfiller);
  auto due = plan_.due();
  KJ_IF_MAYBE (at, due) {
    return pair.promise.exclusiveJoin(services_.loop.timer.atTime(*at));
  }
  return kj::mv(pair.promise);
}

// There is nobody to tell anything, though the hold on it may still be there.
void FanOutServer::loseCaller() {
  run_ = nullptr;
  running_.clear();
  noteEnd();
}

void FanOutServer::noteBegin() const {
  const auto hosts = targets_.size();
  telemetry::log(telemetry::Category::COMMANDS)
      .info("fan-out begun",
            {{"id", id_}, {"hosts", hosts}, {"word", works_->what()}, {"caller", caller_.key}, {"uid", caller_.user}});
  if (!services_.audit.on()) return;
  auto fields = AuditLog::fieldsOf({{"id", id_}, {"kind", "fan-out"}, {"hosts", hosts}});
  services_.audit.add("begin", caller_, fields + "," + works_->details());
}

void FanOutServer::noteEnd() {
  if (std::exchange(endNoted_, true)) return;
  const bool over = plan_.over();
  const auto begun = plan_.begun();
  const auto failed = plan_.failed();
  const std::vector<telemetry::Field> fields = {{"id", id_},
                                                {"hosts", targets_.size()},
                                                {"succeeded", begun - plan_.running() - failed},
                                                {"failed", failed},
                                                {"cut_short", plan_.running()},
                                                {"not_begun", targets_.size() - begun},
                                                {"error", over ? "" : nameOf(ErrorKind::CANCELLED)},
                                                {"reason", over ? "" : nameOf(Reason::CALLER_GONE)}};
  telemetry::log(telemetry::Category::COMMANDS).write(LogLevel::INFO, "fan-out ended", fields);
  if (!services_.audit.on()) return;
  services_.audit.add("end", caller_, AuditLog::fieldsOf({{"kind", "fan-out"}}) + "," + AuditLog::fieldsOf(fields));
}

}  // namespace cbs::rpc
