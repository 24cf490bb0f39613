#include "cli/exec/exec_options.h"

#include "cli/bytes.h"
#include "cli/daemon/caller_context.h"
#include "cli/exec/terminal.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace cbs::cli {
namespace {

const std::string kLoginShell = "exec \"$SHELL\" -l";

bool isVariableName(const std::string& name) {
  auto part = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), part);
}

void describeCommand(const ExecOptions& options, schema::CommandSpec::Builder to) {
  const auto& words = options.command;
  if (!options.subsystem.empty()) return to.getCommand().setSubsystem(options.subsystem.c_str());
  if (words.size() < 2) {
    to.getCommand().setLine(bytesOf(words.empty() ? kLoginShell : words[0]));
    return;
  }
  auto argv = to.getCommand().initArgv(static_cast<unsigned>(words.size()));
  for (unsigned i = 0; i < argv.size(); ++i) argv.set(i, bytesOf(words[i]));
}

}  // namespace

tl::expected<void, std::string> addVariable(const std::string& text, ExecOptions& options) {
  size_t equals = text.find('=');
  std::string name = text.substr(0, equals);
  if (!isVariableName(name)) return tl::unexpected<std::string>("'" + name + "' is no name for a variable");
  if (equals != std::string::npos) {
    options.environment.emplace_back(name, text.substr(equals + 1));
  } else if (const char* value = getenv(name.c_str())) {
    options.environment.emplace_back(name, value);
  }
  return {};
}

void describeExec(const ExecOptions& options, schema::ExecRequest::Builder to) {
  to.setTarget(options.target.c_str());
  to.setConnectTimeoutMs(options.connectTimeoutMs);
  to.setIdempotent(options.idempotent);
  to.setRetries(options.retries);
  to.setPriority(options.priority);
  auto lines = to.initSshOptions(static_cast<unsigned>(options.sshOptions.size()));
  for (unsigned i = 0; i < lines.size(); ++i) lines.set(i, options.sshOptions[i].c_str());
  to.setSshConfigFile(options.sshConfigFile.c_str());
  describeCaller(to.initCaller());
  to.getCaller().setAskPass(options.askPass);
  auto spec = to.initSpec();
  describeCommand(options, spec);
  auto environment = spec.initEnvironment(static_cast<unsigned>(options.environment.size()));
  for (unsigned i = 0; i < environment.size(); ++i) {
    environment[i].setName(bytesOf(options.environment[i].first));
    environment[i].setValue(bytesOf(options.environment[i].second));
  }
  spec.setWorkingDirectory(bytesOf(options.workingDirectory));
  spec.setForwardStdin(options.forwardStdin);
  spec.setTimeoutMs(options.timeoutMs);
  if (options.terminal) describeTerminal(spec.initTerminal());
}

}  // namespace cbs::cli
