#include "cli/run.h"

#include "cli/commands/commands.h"
#include "cli/completion/print_completion.h"
#include "cli/output/exit_code.h"
#include "cli/output/print.h"
#include "cli/output/table.h"
#include "common/nearest_word.h"

#include <kj/exception.h>

#include <algorithm>
#include <iterator>

namespace cbs::cli {
namespace {

using Command = KnownCommand;

constexpr Command kCommands[] = {
    {"exec", "run a command on a host, or on many", runExec},
    {"ssh", "the same with ssh's own arguments, for git, rsync and Ansible", runSsh},
    {"upload", "copy files and folders to a host, or to many", runUpload},
    {"download", "copy files and folders from a host", runDownload},
    {"copy", "copy files and folders from a host to another, or to or from here", runCopy},
    {"ls", "list files of a host", runLs},
    {"submit", "run a command later, or in the background: a job", runSubmit},
    {"jobs", "jobs and what became of them", runJobs},
    {"wait", "wait until jobs have ended", runWait},
    {"logs", "what a job has printed", runLogs},
    {"cancel", "end jobs", runCancel},
    {"stats", "what the daemon is doing", runStats},
    {"connections", "its connections", runConnections},
    {"health", "whether it is well: exits 0, 1 (degraded) or 2 (down)", runHealth},
    {"explain", "what would happen with a host, and why", runExplain},
    {"disconnect", "close connections to a host", runDisconnect},
    {"breaker", "let a host that failed be tried again", runBreaker},
    {"nodes", "hosts that a node set names, and groups", runNodes},
    {"config", "show or check the configuration", runConfig},
    {"agent", "start, stop, drain, reload or look for the daemon", runAgent},
    {"completion", "what makes a shell complete words of this program", runCompletion},
    {"version", "the version of this program", runVersion},
};

// Options of every command that have a value, so that they can stand before the command's name, too.
constexpr std::string_view kCommonWithValue[] = {"--socket", "--config", "--output"};

std::string usage() {
  Table table({{""}, {""}, {""}});
  for (const Command& command : kCommands) table.add({"", std::string(command.name), std::string(command.summary)});
  return "cbsession runs commands and moves files over pooled SSH connections.\n\n"
         "Usage: cbsession COMMAND [OPTIONS] ...\n\nCommands:\n" +
         table.text() +
         "\nExamples:\n"
         "  cbsession exec web1 uptime\n"
         "  cbsession upload app.tar web1:/srv/\n"
         "  cbsession stats\n\n"
         "Next: cbsession COMMAND --help\n";
}

// The place of the command's name.
size_t findCommand(const Arguments& arguments) {
  size_t i = 0;
  while (i < arguments.size() && arguments[i].compare(0, 1, "-") == 0) {
    bool takesNext =
        std::find(std::begin(kCommonWithValue), std::end(kCommonWithValue), arguments[i]) != std::end(kCommonWithValue);
    i += takesNext ? 2 : 1;
  }
  return std::min(i, arguments.size());
}

int complain(const std::string& what) {
  printError("cbsession: " + what + ". Next: cbsession --help\n");
  return kUsage;
}

int unknownCommand(const std::string& name) {
  std::vector<std::string_view> names;
  for (const Command& command : kCommands) names.push_back(command.name);
  auto nearest = nearestWord(name, names);
  std::string hint = nearest.empty() ? "" : ", did you mean " + std::string(nearest) + "?";
  return complain("there is no command '" + name + "'" + hint);
}

int dispatch(Arguments arguments) {
  size_t at = findCommand(arguments);
  bool wantsHelp = at > 0 && (arguments[0] == "--help" || arguments[0] == "-h");
  if (wantsHelp || (arguments.size() == 1 && arguments[0] == "help")) return print(usage()), 0;
  if (at > 0 && arguments[0] == "--version") return runVersion({});
  if (at == arguments.size()) return complain("a command is missing");
  std::string name = arguments[at];
  if (at == 0 && name == "__complete") {
    return printCompletion({std::begin(kCommands), std::end(kCommands)}, {arguments.begin() + 1, arguments.end()});
  }
  arguments.erase(arguments.begin() + static_cast<long>(at));
  for (const Command& command : kCommands) {
    if (command.name == name) return command.run(std::move(arguments));
  }
  return unknownCommand(name);
}

}  // namespace

int run(Arguments arguments) {
  try {
    return dispatch(std::move(arguments));
  } catch (const kj::Exception& exception) {
    return reportFailure({ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()}, "", false);
  } catch (const std::exception& exception) {
    return reportFailure({ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.what()}, "", false);
  }
}

}  // namespace cbs::cli
