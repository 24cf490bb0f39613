#include "agentd/rpc/queued_command.h"

#include "agentd/identity/resolved_host.h"
#include "agentd/rpc/ended_command.h"
#include "agentd/rpc/output_relay.h"

#include <set>
#include <string_view>

namespace cbs::rpc {
namespace {

// Those that end a process which does nothing about them (schema::Command, signal).
bool endsProcesses(std::string_view signal) {
  static const std::set<std::string_view> kSignals = {"INT", "TERM", "HUP", "KILL"};
  return kSignals.contains(signal);
}

}  // namespace

QueuedCommand::QueuedCommand(Services& services, uid_t caller, schema::ExecRequest::Reader request,
                             schema::OutputSink::Client output)
    : services_(services),
      output_(kj::mv(output)),
      request_(services.engine.execRequest(request.totalSize())),
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
  auto applicant = applicantOf(caller, request, request.getSpec().getTimeoutMs());
  errand_ = runErrand(services, kj::mv(applicant), *this).promise().eagerlyEvaluate(nullptr);
}

kj::Promise<void> QueuedCommand::handOver(const Admission& admission) {
  auto told = kj::newPromiseAndFulfiller<void>();
  address(request_, admission);
  if (!request_.getSpec().hasTerminal()) giveTerminal(admission.host->requestTty());
  auto variables = identity::sentVariables(admission.host->sendEnv(), admission.context.environment);
  auto environment = request_.initEnvironment(static_cast<unsigned>(variables.size()));
  for (unsigned i = 0; i < environment.size(); ++i) {
    environment[i].setName(kj::StringPtr(variables[i].first.c_str(), variables[i].first.size()).asBytes());
    environment[i].setValue(kj::StringPtr(variables[i].second.c_str(), variables[i].second.size()).asBytes());
  }
  request_.setOutput(kj::heap<OutputRelay>(output_, admission.queued, services_.work, kj::mv(told.fulfiller)));
  auto running = request_.send();
  handedOver_.fulfiller->fulfill(running.getCommand());
  phase_ = Phase::WITH_ENGINE;
  // An engine that fails lets go of the sink as well, and which of the two shows first is chance: its own words say
  // more.
  auto answer = running.ignoreResult().fork();
  auto refused = answer.addBranch().then([]() -> kj::Promise<void> { return kj::NEVER_DONE; });
  auto ended = told.promise.catch_([answer = answer.addBranch()](kj::Exception&& dropped) mutable {
    return answer.then([dropped = kj::mv(dropped)]() mutable { kj::throwFatalException(kj::mv(dropped)); });
  });
  return ended.exclusiveJoin(kj::mv(refused));
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
