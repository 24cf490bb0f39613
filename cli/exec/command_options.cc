#include "cli/exec/command_options.h"

#include "cli/exec/priority.h"

namespace cbs::cli {

void addCommandOptions(CLI::App& app, ExecOptions& options, TypedCommand& typed, const std::string& timeout) {
  addTarget(app, options.target)->required();
  // For --help only: splitRemoteCommand has taken the words away before they could be parsed.
  app.add_option("COMMAND", options.command, "What to run there, with its arguments")->type_name("");
  app.add_option("-e,--env", typed.variables, "Set a variable; K alone takes our own value")
      ->type_name("K=V")
      ->allow_extra_args(false);
  app.add_option("--cwd", options.workingDirectory, "Run it in this directory")->type_name("DIR");
  app.add_option("--timeout", typed.timeout, timeout)->type_name("DUR");
  app.add_option("--connect-timeout", typed.connectTimeout, "Give up connecting after this time")->type_name("DUR");
  app.add_option("--priority", typed.priority, "Which of the commands that wait go first: low, normal or high")
      ->type_name("WORD");
  app.add_flag("--idempotent", options.idempotent, "It may be sent again even if it may have started");
}

std::string readCommandOptions(const TypedCommand& typed, ExecOptions& options) {
  if (options.command.size() == 1 && options.command.front().empty()) return "COMMAND is empty";
  if (auto problem = readDuration("--timeout", typed.timeout, options.timeoutMs); !problem.empty()) return problem;
  if (auto problem = readDuration("--connect-timeout", typed.connectTimeout, options.connectTimeoutMs);
      !problem.empty()) {
    return problem;
  }
  if (auto problem = readPriority(typed.priority, options.priority); !problem.empty()) return problem;
  for (const std::string& variable : typed.variables) {
    if (auto added = addVariable(variable, options); !added) return "-e: " + added.error();
  }
  return "";
}

}  // namespace cbs::cli
