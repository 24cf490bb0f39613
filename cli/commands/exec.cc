#include "cli/commands/commands.h"
#include "cli/exec/command_options.h"
#include "cli/exec/exec_session.h"
#include "cli/exec/prompter.h"
#include "cli/exec/terminal.h"
#include "cli/fanout/many_exec.h"
#include "cli/output/exec_result.h"
#include "cli/output/explain_error.h"
#include "cli/output/print.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Run a command on a host, or on many.\n\n"
    "One COMMAND word is a line for the remote shell; several are a program and its arguments, each quoted for that "
    "shell. Options go before COMMAND. Exits with the remote status, 128+n for signal n, 2 for wrong usage, or 240 to "
    "247 for failures of cbsession's own.\n\n"
    "TARGET may be a node set, such as web[1-9],db1 or @group (see cbsession nodes --help). Then, and with any of the "
    "options for many hosts, each line has its host's name before it, a summary comes last, and the exit code is the "
    "highest of the hosts'.";

const char* const kExamples =
    "  cbsession exec web1 uptime\n"
    "  cbsession exec web1 'df -h | tail -n +2'        a line for the remote shell\n"
    "  cbsession exec web1 -- ls -l 'a file'           an argv: the file's name arrives whole\n"
    "  tar c . | cbsession exec -i web1 tar x -C /srv  with standard input\n"
    "  cbsession exec -t web1                          a login shell in a terminal\n"
    "  cbsession exec --timeout 30s -e LANG=C db1 -- pg_dump app\n"
    "  cbsession exec 'web[01-20],db1' uptime          on many hosts at once\n"
    "  cbsession exec --batch 25% --fail-fast @web 'systemctl restart app'\n"
    "  cbsession exec --hosts-file hosts.txt --output ndjson -- df -P /\n";

void addOptions(CLI::App& app, ExecOptions& options, TypedCommand& typed, TypedMany& many) {
  addCommandOptions(app, options, typed, "Give it so long until its end, waiting included, e.g. 30s or 5m");
  app.get_option("TARGET")
      ->required(false)  // as there is --hosts-file
      ->description("[user@]host[:port], an alias from ssh_config, or a node set");
  app.add_flag("-i,--stdin", options.forwardStdin, "Forward standard input; many hosts get all of it each");
  app.add_flag("-t,--tty", options.terminal, "Ask for a terminal; with -i if standard input is one");
  app.add_flag("--ask-pass", options.askPass, "Ask for a password if the server wants one");
  addNumber(app, "--retries", options.retries, "Further attempts at reaching the host");
  addManyOptions(app, many);
}

// What is wrong with the options, or "".
std::string understand(const TypedCommand& typed, ExecOptions& options) {
  if (auto problem = readCommandOptions(typed, options); !problem.empty()) return problem;
  if (auto problem = checkAskPass(options.askPass); !problem.empty()) return problem;
  if (options.command.empty() && !options.terminal) return "COMMAND is required (or -t for a login shell)";
  return "";
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

int execOnOne(CommandLine& line, ExecOptions options) {
  if (options.target.empty()) return line.complain("TARGET is required (or --hosts-file)");
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

}  // namespace

int runExec(Arguments arguments) {
  ExecOptions options;
  TypedCommand typed;
  TypedMany many;
  CommandLine line("exec", kDescription, kExamples);
  addOptions(line.app(), options, typed, many);
  line.addCommonOptions(CommandLine::Formats::alsoJunit);
  options.command = line.splitRemoteCommand(arguments, "--hosts-file");
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = understand(typed, options); !problem.empty()) return line.complain(problem);
  if (isForMany(line, options.target)) return execOnMany(line, std::move(options), many);
  return execOnOne(line, std::move(options));
}

}  // namespace cbs::cli
