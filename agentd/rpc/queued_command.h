// A caller's hold on a command, from the moment at which it is asked for.
#pragma once

#include "agentd/rpc/engine_exec.h"
#include "agentd/rpc/errand.h"
#include "agentd/rpc/trail.h"
#include "schema/agent.capnp.h"

namespace cbs::rpc {

// While the command waits for its lane, it is cancelled here; once the engine has it, the engine is asked. What the
// caller feeds and asks meanwhile waits for the engine. Being dropped, it cancels the command, wherever it is.
class QueuedCommand final : public schema::Command::Server, private Errand {
 public:
  QueuedCommand(Services& services, Caller caller, schema::ExecRequest::Reader request,
                schema::OutputSink::Client output, queue::CommandQueue& lanes);
  // One of many alike: what `applicant` says goes, instead of what the request says of its target, time and caller.
  QueuedCommand(Services& services, Applicant applicant, schema::ExecRequest::Reader request,
                schema::OutputSink::Client output);
  ~QueuedCommand() noexcept(false);

  kj::Promise<void> stdin(StdinContext context) override;
  kj::Promise<void> signal(SignalContext context) override;
  kj::Promise<void> resize(ResizeContext context) override;
  kj::Promise<void> cancel(CancelContext context) override;

 private:
  enum class Phase { WAITING, WITH_ENGINE, ENDED };

  kj::Promise<void> handOver(const Admission& admission) override { return send(admission); }
  Task<void> send(const Admission& admission);
  kj::Promise<void> end(const Error& why) override;
  void cancelWaiting();
  void giveTerminal(identity::HostConfig::RequestTty wish);

  Services& services_;
  schema::OutputSink::Client output_;
  std::shared_ptr<Trail> trail_;
  EngineExec request_;
  uint64_t timeoutMs_;                                 // what the caller has given it
  kj::Maybe<kj::Own<capnp::MessageBuilder>> offered_;  // the caller's terminal
  kj::PromiseFulfillerPair<schema::Command::Client> handedOver_ = kj::newPromiseAndFulfiller<schema::Command::Client>();
  schema::Command::Client command_;  // the engine's, once it has it
  Phase phase_ = Phase::WAITING;
  kj::Promise<void> errand_ = nullptr;
};

}  // namespace cbs::rpc
