#include "agentd/rpc/queued_command.h"

#include "agentd/rpc/audit_fields.h"
#include "agentd/rpc/ended_command.h"
#include "agentd/rpc/ending_signal.h"
#include "agentd/rpc/engine_exec.h"
#include "agentd/rpc/output_relay.h"
#include "agentd/rpc/until_told.h"

namespace cbs::rpc {
namespace {

// Rounded up: what remains of a time limit must not become 0, which is none.
uint64_t wholeMilliseconds(kj::Duration duration) {
  return static_cast<uint64_t>((duration + 1 * kj::MILLISECONDS - 1 * kj::NANOSECONDS) / kj::MILLISECONDS);
}

Applicant singleApplicant(Caller caller, schema::ExecRequest::Reader request, queue::CommandQueue& lanes) {
  auto applicant = applicantOf(kj::mv(caller), request);
  applicant.priority = request.getPriority();
  applicant.timeoutMs = request.getSpec().getTimeoutMs();
  applicant.lanes = &lanes;
  applicant.ssh = sshOptionsOf(request, applicant.caller.user);
  return applicant;
}

Trail::Subject subjectOf(Services& services, const Applicant& applicant, schema::ExecRequest::Reader request) {
  return {.id = services.work.newId(),
          .kind = WorkKind::EXEC,
          .caller = applicant.caller,
          .target = applicant.target,
          .details = services.audit.on() ? auditFields(request) : "",
          .firstWord = firstWordOf(request.getSpec())};
}

}  // namespace

QueuedCommand::QueuedCommand(Services& services, Caller caller, schema::ExecRequest::Reader request,
                             schema::OutputSink::Client output, queue::CommandQueue& lanes)
    : QueuedCommand(services, singleApplicant(kj::mv(caller), request, lanes), request, kj::mv(output)) {}

QueuedCommand::QueuedCommand(Services& services, Applicant applicant, schema::ExecRequest::Reader request,
                             schema::OutputSink::Client output)
    : services_(services),
      output_(kj::mv(output)),
      trail_(std::make_shared<Trail>(services.audit, subjectOf(services, applicant, request))),
      request_(services.engine.execRequest(request.totalSize())),
      timeoutMs_(applicant.timeoutMs),
      command_(kj::mv(handedOver_.promise)) {
  request_.setSpec(request.getSpec());
  request_.setConnectTimeoutMs(request.getConnectTimeoutMs());
  request_.setIdempotent(request.getIdempotent());
  request_.setRetries(request.getRetries());
  request_.setId(trail_->id().c_str());
  if (request.hasTerminal()) {
    auto offered = kj::heap<capnp::MallocMessageBuilder>();
    offered->setRoot(request.getTerminal());
    offered_ = kj::mv(offered);
  }
  errand_ = runErrand(services, kj::mv(applicant), *this).promise().eagerlyEvaluate(nullptr);
}

// Its caller has let go of it.
QueuedCommand::~QueuedCommand() noexcept(false) {
  if (phase_ == Phase::WAITING) services_.work.commandEnded(Fate::NOT_SENT);
}

Task<void> QueuedCommand::send(const Admission& admission) {
  const auto admitted = services_.loop.timer.now();
  auto begun = co_await trail_->begin(admission.destination.host->host());
  if (!begun) co_return co_await end(begun.error());
  auto told = kj::newPromiseAndFulfiller<void>();
  addressExec(request_, admission.destination);
  if (!request_.getSpec().hasTerminal()) giveTerminal(admission.destination.host->requestTty());
  KJ_IF_MAYBE (remaining, admission.remaining) {
    const auto left = *remaining - (services_.loop.timer.now() - admitted);
    request_.getSpec().setTimeoutMs(wholeMilliseconds(kj::max(left, 1 * kj::MILLISECONDS)));
  }
  request_.setOutput(
      kj::heap<OutputRelay>(output_, admission.queued, timeoutMs_, services_.work, trail_, kj::mv(told.fulfiller)));
  trail_->handedOver();
  auto running = request_.send();
  handedOver_.fulfiller->fulfill(running.getCommand());
  phase_ = Phase::WITH_ENGINE;
  co_await untilTold(kj::mv(running), kj::mv(told.promise));
}

// As ssh: `yes` takes the caller's terminal, `force` makes one where there is none.
void QueuedCommand::giveTerminal(identity::HostConfig::RequestTty wish) {
  using Wish = identity::HostConfig::RequestTty;
  if (wish == Wish::NO) return;
  auto spec = request_.getSpec();
  KJ_IF_MAYBE (offered, offered_) {
    spec.setTerminal((*offered)->getRoot<schema::CommandSpec::Terminal>().asReader());
    spec.setForwardStdin(true);
    output_.terminalTakenRequest().send().detach([](kj::Exception&&) {});
  } else if (wish == Wish::FORCE) {
    auto terminal = spec.initTerminal();
    terminal.setType("dumb");
    terminal.setColumns(80);
    terminal.setRows(24);
  }
}

// An engine that has failed may have sent the command; the relay has counted it then.
kj::Promise<void> QueuedCommand::end(const Error& why) {
  auto request = output_.finishedRequest();
  auto outcome = request.initOutcome();
  if (phase_ == Phase::WITH_ENGINE) outcome.getState().setUnknown();
  if (phase_ == Phase::WAITING) services_.work.commandEnded(Fate::NOT_SENT);
  encode(why, outcome.initError());
  trail_->end(outcome);
  handedOver_.fulfiller->fulfill(kj::heap<EndedCommand>());
  phase_ = Phase::ENDED;
  return request.send().ignoreResult();
}

void QueuedCommand::cancelWaiting() {
  Error why{ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, ""};
  errand_ = endErrand(services_, kj::mv(why), *this).promise().eagerlyEvaluate(nullptr);
}

kj::Promise<void> QueuedCommand::stdin(StdinContext context) { return context.tailCall(command_.stdinRequest()); }

kj::Promise<void> QueuedCommand::signal(SignalContext context) {
  auto name = context.getParams().getName();
  if (phase_ == Phase::WAITING) {
    if (endsProcesses({name.begin(), name.size()})) cancelWaiting();
    return kj::READY_NOW;
  }
  auto request = command_.signalRequest();
  request.setName(name);
  return context.tailCall(kj::mv(request));
}

kj::Promise<void> QueuedCommand::resize(ResizeContext context) {
  auto request = command_.resizeRequest();
  request.setColumns(context.getParams().getColumns());
  request.setRows(context.getParams().getRows());
  return context.tailCall(kj::mv(request));
}

kj::Promise<void> QueuedCommand::cancel(CancelContext context) {
  if (phase_ != Phase::WAITING) return context.tailCall(command_.cancelRequest());
  cancelWaiting();
  return kj::READY_NOW;
}

}  // namespace cbs::rpc
