#include "cli/commands/commands.h"
#include "cli/daemon/reach.h"
#include "cli/exec/command_options.h"
#include "cli/exec/prompter.h"
#include "cli/exec/remote_run.h"
#include "cli/output/exec_result.h"
#include "cli/output/explain_error.h"
#include "cli/output/print.h"
#include "cli/session.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>
#include <signal.h>
#include <unistd.h>

#include <optional>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Run a command on a host.\n\n"
    "One COMMAND word is a line for the remote shell; several are a program and its arguments, each quoted for that "
    "shell. Options go before COMMAND. Exits with the remote status, 128+n for signal n, 2 for wrong usage, or 240 to "
    "247 "
    "for failures of cbsession's own.";

const char* const kExamples =
    "  cbsession exec web1 uptime\n"
    "  cbsession exec web1 'df -h | tail -n +2'        a line for the remote shell\n"
    "  cbsession exec web1 -- ls -l 'a file'           an argv: the file's name arrives whole\n"
    "  tar c . | cbsession exec -i web1 tar x -C /srv  with standard input\n"
    "  cbsession exec -t web1                          a login shell in a terminal\n"
    "  cbsession exec --timeout 30s -e LANG=C db1 -- pg_dump app\n";

void addOptions(CLI::App& app, ExecOptions& options, TypedCommand& typed) {
  addCommandOptions(app, options, typed, "Give it so long until its end, waiting included, e.g. 30s or 5m");
  app.add_flag("-i,--stdin", options.forwardStdin, "Forward standard input");
  app.add_flag("-t,--tty", options.terminal, "Ask for a terminal; with -i if standard input is one");
  app.add_flag("--ask-pass", options.askPass, "Ask for a password if the server wants one");
  addNumber(app, "--retries", options.retries, "Further attempts at reaching the host");
}

// What is wrong with the options, or "".
std::string understand(const TypedCommand& typed, ExecOptions& options) {
  if (auto problem = readCommandOptions(typed, options); !problem.empty()) return problem;
  if (auto problem = checkAskPass(options.askPass); !problem.empty()) return problem;
  if (options.command.empty() && !options.terminal) return "COMMAND is required (or -t for a login shell)";
  return "";
}

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
  RemoteRun run(session.client(), {output, interrupts, input ? &*input : nullptr, raw ? &*raw : nullptr,
                                   terminalEvents ? &*terminalEvents : nullptr, kj::mv(takeTerminal)});
  return run.run(kj::mv(request)).promise().wait(session.waitScope());
}

ExecEnd reachAndRun(const DaemonPlace& place, const ExecOptions& options, CapturedOutput* captured) {
  auto reached = reachDaemon(place);
  if (!reached) return ExecEnd::failed(std::move(reached.error()));
  return runOver(kj::mv(reached->socket), options, captured);
}

// Once for each connection: a script that runs a thousand commands need not read it a thousand times.
void warn(const std::string& target, const ExecEnd& end) {
  if (end.outcome.get() == nullptr) return;
  for (auto setting : end.outcome->getIgnored()) {
    printError("cbsession: " + target + ": warning: " + setting.cStr() + " of ssh_config is not supported\n");
  }
}

void printResult(const std::string& target, const ExecEnd& end, const CapturedOutput& output) {
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<schema::ExecResult>();
  describeExecResult(target, end, output, result);
  print(toJson<schema::ExecResult>(result));
  for (auto stream : {schema::OutputStream::STDOUT, schema::OutputStream::STDERR}) {
    if (output.stream(stream).truncated)
      printError("cbsession: " + target + ": only the first 64 MiB of output are shown\n");
  }
}

}  // namespace

int runExec(Arguments arguments) {
  ExecOptions options;
  TypedCommand typed;
  CommandLine line("exec", kDescription, kExamples);
  addOptions(line.app(), options, typed);
  line.addCommonOptions();
  options.command = line.splitRemoteCommand(arguments);
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = understand(typed, options); !problem.empty()) return line.complain(problem);
  options.forwardStdin |= options.terminal && standardInputIsTerminal();

  CapturedOutput captured;
  bool json = line.common().json();
  auto end = reachAndRun(line.common().place(), options, json ? &captured : nullptr);
  warn(options.target, end);
  bool quiet = end.error.kind == ErrorKind::NONE || end.error.reason == Reason::CALLER_GONE;
  if (!quiet) printError(sentence(end.error, options.target));
  if (json) printResult(options.target, end, captured);
  return end.exitCode;
}

}  // namespace cbs::cli
