#include "cli/exec/exec_session.h"

#include "cli/daemon/reach.h"
#include "cli/exec/prompter.h"
#include "cli/exec/remote_run.h"
#include "cli/session.h"

#include <signal.h>
#include <unistd.h>

#include <optional>

namespace cbs::cli {

// The run with everything that it is connected to here, made in the order in which it needs each other.
ExecEnd runOver(kj::AutoCloseFd socket, const ExecOptions& options, CapturedOutput* captured) {
  Session session(kj::mv(socket));
  auto& port = session.loop().port;
  Interrupts interrupts(port, {SIGINT, SIGTERM, SIGHUP, SIGQUIT});
  std::optional<LiveOutput> live;
  std::optional<StandardStream> input;
  std::optional<RawTerminal> raw;
  std::optional<Interrupts> terminalEvents;
  if (captured == nullptr) live.emplace(port);
  if (options.forwardStdin) input.emplace(port, STDIN_FILENO, StandardStream::Direction::in);
  if (options.terminal) terminalEvents.emplace(port, std::initializer_list<int>{SIGWINCH, SIGTSTP});
  auto request = session.agent().execRequest();
  describeExec(options, request.initRequest());
  if (options.terminal && options.forwardStdin && standardInputIsTerminal()) raw.emplace();
  TerminalUsers users{input ? &*input : nullptr, raw ? &*raw : nullptr};
  if (TerminalPrompter::possible()) {
    request.getRequest().getCaller().setPrompter(kj::heap<TerminalPrompter>(session.loop(), users));
  }
  bool offers = !options.terminal && captured == nullptr && standardInputIsTerminal();
  if (offers) describeTerminal(request.getRequest().initTerminal());
  auto takeTerminal = [&](LocalEnds& ends) {
    if (!input) input.emplace(port, STDIN_FILENO, StandardStream::Direction::in);
    raw.emplace();
    terminalEvents.emplace(port, std::initializer_list<int>{SIGWINCH, SIGTSTP});
    ends.input = users.input = &*input;
    ends.terminal = users.terminal = &*raw;
    ends.terminalEvents = &*terminalEvents;
  };
  OutputTarget& output = captured == nullptr ? static_cast<OutputTarget&>(*live) : *captured;
  RemoteRun run(session.client(),
                {output, interrupts, input ? &*input : nullptr, raw ? &*raw : nullptr,
                 terminalEvents ? &*terminalEvents : nullptr, options.leaveAtSignal, kj::mv(takeTerminal)});
  return run.run(kj::mv(request)).promise().wait(session.waitScope());
}

ExecEnd reachAndRun(const DaemonPlace& place, const ExecOptions& options, CapturedOutput* captured) {
  auto reached = reachDaemon(place);
  if (!reached) return ExecEnd::failed(std::move(reached.error()));
  return runOver(kj::mv(reached->socket), options, captured);
}

}  // namespace cbs::cli
