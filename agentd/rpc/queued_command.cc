#include "agentd/rpc/queued_command.h"

#include "agentd/rpc/ended_command.h"
#include "agentd/rpc/engine_exec.h"
#include "agentd/rpc/output_relay.h"
#include "agentd/rpc/until_told.h"

#include <set>
#include <string_view>

namespace cbs::rpc {
namespace {

// Those that end a process which does nothing about them (schema::Command, signal).
bool endsProcesses(std::string_view signal) {
  static const std::set<std::string_view> kSignals = {"INT", "TERM", "HUP", "KILL"};
  return kSignals.contains(signal);
}

// Rounded up: what remains of a time limit must not become 0, which is none.
uint64_t wholeMilliseconds(kj::Duration duration) {
  return static_cast<uint64_t>((duration + 1 * kj::MILLISECONDS - 1 * kj::NANOSECONDS) / kj::MILLISECONDS);
}

}  // namespace

QueuedCommand::QueuedCommand(Services& services, Caller caller, schema::ExecRequest::Reader request,
                             schema::OutputSink::Client output)
    : services_(services),
      output_(kj::mv(output)),
      request_(services.engine.execRequest(request.totalSize())),
      timeoutMs_(request.getSpec().getTimeoutMs()),
      command_(kj::mv(handedOver_.promise)) {
  request_.setSpec(request.getSpec());
  request_.setConnectTimeoutMs(request.getConnectTimeoutMs());
  request_.setIdempotent(request.getIdempotent());
  request_.setRetries(request.getRetries());
  if (request.hasTerminal()) {
    auto offered = kj::heap<capnp::MallocMessageBuilder>();
    offered->setRoot(request.getTerminal());
    offered_ = kj::mv(offered);
  }
  auto applicant = applicantOf(kj::mv(caller), request);
  applicant.priority = request.getPriority();
  applicant.timeoutMs = timeoutMs_;
  errand_ = runErrand(services, kj::mv(applicant), *this).promise().eagerlyEvaluate(nullptr);
}

kj::Promise<void> QueuedCommand::handOver(const Admission& admission) {
  auto told = kj::newPromiseAndFulfiller<void>();
  addressExec(request_, admission.destination);
  if (!request_.getSpec().hasTerminal()) giveTerminal(admission.destination.host->requestTty());
  KJ_IF_MAYBE (remaining, admission.remaining) {
    request_.getSpec().setTimeoutMs(wholeMilliseconds(*remaining));
  }
  request_.setOutput(
      kj::heap<OutputRelay>(output_, admission.queued, timeoutMs_, services_.work, kj::mv(told.fulfiller)));
  auto running = request_.send();
  handedOver_.fulfiller->fulfill(running.getCommand());
  phase_ = Phase::WITH_ENGINE;
  return untilTold(kj::mv(running), kj::mv(told.promise));
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

// An engine that has failed may have sent the command.
kj::Promise<void> QueuedCommand::end(const Error& why) {
  auto request = output_.finishedRequest();
  auto outcome = request.initOutcome();
  if (phase_ == Phase::WITH_ENGINE) outcome.getState().setUnknown();
  encode(why, outcome.initError());
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
