#include "agentd/engine/command_server.h"

#include "agentd/core/remote_command.h"
#include "agentd/engine/data.h"
#include "common/deadline.h"

namespace cbs::engine {
namespace {

core::RemoteCommand remoteCommandOf(schema::CommandSpec::Reader spec) {
  core::RemoteCommand command;
  auto words = spec.getCommand();
  if (words.isLine()) {
    command.line = bytesOf(words.getLine());
  } else {
    for (auto word : words.getArgv()) command.argv.push_back(bytesOf(word));
  }
  for (auto variable : spec.getEnvironment()) {
    command.environment.emplace_back(bytesOf(variable.getName()), bytesOf(variable.getValue()));
  }
  command.workingDirectory = bytesOf(spec.getWorkingDirectory());
  return command;
}

// Feeds a command's standard input. It may outlive the caller's hold on the command, as it is a capability of its own.
class StdinSink final : public schema::ByteSink::Server {
 public:
  explicit StdinSink(kj::Own<CommandRun> run) : run_(kj::mv(run)) {}

  kj::Promise<void> write(WriteContext context) override {
    return run_->feed(kj::heapArray<kj::byte>(context.getParams().getBytes()));
  }
  kj::Promise<void> end(EndContext) override { return run_->endInput(); }

 private:
  kj::Own<CommandRun> run_;
};

}  // namespace

Expected<CommandPlan> planCommand(schema::CommandSpec::Reader spec) {
  auto line = core::remoteCommandLine(remoteCommandOf(spec));
  if (!line) return fail(line.error());
  CommandPlan plan;
  plan.line = std::move(*line);
  plan.forwardStdin = spec.getForwardStdin();
  plan.timeout = limitOf(spec.getTimeoutMs());
  if (spec.hasTerminal()) {
    auto terminal = spec.getTerminal();
    plan.terminal = ssh::Terminal{terminal.getType().cStr(), terminal.getColumns(), terminal.getRows(),
                                  bytesOf(terminal.getModes())};
  }
  return plan;
}

CommandServer::~CommandServer() noexcept(false) {
  run_->stop({ErrorKind::CANCELLED, Reason::CALLER_GONE, "the caller has gone"});
}

kj::Promise<void> CommandServer::stdin(StdinContext context) {
  context.getResults().setSink(kj::heap<StdinSink>(kj::addRef(*run_)));
  return kj::READY_NOW;
}

kj::Promise<void> CommandServer::signal(SignalContext context) {
  return run_->signal(context.getParams().getName().cStr());
}

kj::Promise<void> CommandServer::resize(ResizeContext context) {
  return run_->resize(context.getParams().getColumns(), context.getParams().getRows());
}

kj::Promise<void> CommandServer::cancel(CancelContext) {
  run_->stop({ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, ""});
  return kj::READY_NOW;
}

}  // namespace cbs::engine
