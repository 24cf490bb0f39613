// The options that `exec` and `submit` have in common.
#pragma once

#include "cli/exec/exec_options.h"
#include "cli/options.h"

namespace cbs::cli {

// Those that are typed in a form that has to be understood first.
struct TypedCommand {
  std::vector<std::string> variables;
  std::string timeout;
  std::string connectTimeout;
  std::string priority;
};

// Adds TARGET, COMMAND and the options of every command. What is typed goes to `options` and `typed`, which outlive
// `app`.
// `timeout` says what --timeout counts.
void addCommandOptions(CLI::App& app, ExecOptions& options, TypedCommand& typed, const std::string& timeout);

// Gives what is wrong with the options, or "".
std::string readCommandOptions(const TypedCommand& typed, ExecOptions& options);

}  // namespace cbs::cli
