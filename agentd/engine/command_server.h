// A caller's hold on a running command.
#pragma once

#include "agentd/engine/command_run.h"

namespace cbs::engine {

// Decodes what a caller wants to run. Fails with usage/badRequest.
Expected<CommandPlan> planCommand(schema::CommandSpec::Reader spec);

// Serves schema::Command on a run. Being dropped stops the run.
class CommandServer final : public schema::Command::Server {
 public:
  explicit CommandServer(kj::Own<CommandRun> run) : run_(kj::mv(run)) {}
  ~CommandServer() noexcept(false);

  kj::Promise<void> stdin(StdinContext context) override;
  kj::Promise<void> signal(SignalContext context) override;
  kj::Promise<void> resize(ResizeContext context) override;
  kj::Promise<void> cancel(CancelContext context) override;

 private:
  kj::Own<CommandRun> run_;
};

}  // namespace cbs::engine
