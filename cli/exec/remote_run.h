// One remote command: its request, its streams, its signals, its end.
#pragma once

#include "cli/exec/exec_end.h"
#include "cli/exec/interrupts.h"
#include "cli/exec/output_target.h"
#include "cli/exec/standard_stream.h"
#include "cli/exec/terminal.h"
#include "common/agent_client.h"
#include "common/task.h"

#include <kj/function.h>

namespace cbs::cli {

// What a remote command is connected to here. All of it outlives the run.
struct LocalEnds {
  OutputTarget& output;
  Interrupts& interrupts;      // the first is passed on, the second ends the wait
  StandardStream* input;       // nullptr: not forwarded
  RawTerminal* terminal;       // nullptr: none is in raw mode
  Interrupts* terminalEvents;  // SIGWINCH and SIGTSTP; nullptr: no pseudo-terminal
  bool leaveAtSignal = false;  // the first signal ends the wait, and the daemon ends the command
  // Connects the command to the terminal after all, as ssh_config asks for one.
  kj::Function<void(LocalEnds&)> takeTerminal = [](LocalEnds&) {};
};

class RemoteRun {
 public:
  using Request = capnp::Request<schema::Agent::ExecParams, schema::Agent::ExecResults>;

  RemoteRun(AgentClient& client, LocalEnds ends) : client_(client), ends_(kj::mv(ends)) {}

  // Sends the request, which lacks nothing but its output, together with the hello, and waits for the end. Dropping the
  // task cancels the remote command.
  Task<ExecEnd> run(Request request);

 private:
  Task<void> forwardInput(schema::Command::Client command);
  Task<void> followTerminal(schema::Command::Client command);
  Task<void> takeTerminal(kj::Promise<void> taken, schema::Command::Client command);
  Task<ExecEnd> leaveOnSignal(schema::Command::Client command);
  Task<ExecEnd> watchConnection(kj::Promise<void> accepted);
  Task<ExecEnd> dropped();
  void stopProcess();
  void noticeInterrupt(kj::ArrayPtr<const kj::byte> typed);

  AgentClient& client_;
  LocalEnds ends_;
  bool anyOutput_ = false;
};

}  // namespace cbs::cli
