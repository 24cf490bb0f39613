#include "agentd/engine/command_server.h"

#include "agentd/core/remote_command.h"
#include "agentd/engine/data.h"
#include "common/deadline.h"

namespace cbs::engine {
namespace {

constexpr size_t kLongestSubsystem = 256;

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

using Program = ssh::Channel::Program;

// An empty line is the login shell, where there is something for it to read.
Program programOf(schema::CommandSpec::Reader spec) {
  auto command = spec.getCommand();
  if (command.isSubsystem()) return Program::SUBSYSTEM;
  bool empty = command.isLine() && command.getLine().size() == 0;
  return empty && (spec.getForwardStdin() || spec.hasTerminal()) ? Program::SHELL : Program::EXEC;
}

Expected<std::string> wordsFor(Program program, schema::CommandSpec::Reader spec) {
  if (program == Program::EXEC) return core::remoteCommandLine(remoteCommandOf(spec));
  bool bare = spec.getEnvironment().size() == 0 && spec.getWorkingDirectory().size() == 0;
  if (!bare) {
    return fail(ErrorKind::USAGE, Reason::BAD_REQUEST,
                "a login shell and a subsystem have no variables and no working directory of the caller's");
  }
  if (program == Program::SHELL) return std::string();
  std::string name = spec.getCommand().getSubsystem().cStr();
  if (!name.empty() && name.size() <= kLongestSubsystem) return name;
  return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "the name of a subsystem has between 1 and 256 bytes");
}

}  // namespace

Expected<CommandPlan> planCommand(schema::CommandSpec::Reader spec) {
  CommandPlan plan;
  plan.program = programOf(spec);
  auto words = wordsFor(plan.program, spec);
  if (!words) return fail(words.error());
  plan.line = std::move(*words);
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
