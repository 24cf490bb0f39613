#include "cli/fanout/many_exec.h"

#include "cli/fanout/many_hosts.h"
#include "cli/fanout/whole_input.h"
#include "cli/nodes/targets.h"
#include "cli/output/print.h"

#include <signal.h>
#include <unistd.h>

namespace cbs::cli {
namespace {

// All that is known before the daemon is asked.
struct ManyExec {
  ExecOptions options;
  FormatOptions format;
  FanOutPace pace;
  std::string output;  // --output
  std::string command;
  std::vector<std::string> targets;
  std::string input;
};

std::string joinedWords(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// What is wrong with the options together, or "".
std::string checkMany(const ExecOptions& options, const TypedMany& typed, const std::string& output) {
  bool file = !typed.pace.hostsFile.empty();
  if (file == !options.target.empty()) {
    return file ? "TARGET and --hosts-file: give one of them" : "TARGET is required (or --hosts-file)";
  }
  if (options.terminal) return "-t: a terminal is for one host";
  if (options.forwardStdin && typed.pace.hostsFile == "-") return "-i: standard input has the hosts (--hosts-file -)";
  return checkFormatOptions(typed.format, output);
}

// Whom it is for and how; the error is a sentence.
tl::expected<void, std::string> readMany(const TypedMany& typed, ManyExec& exec) {
  bool file = !typed.pace.hostsFile.empty();
  auto targets = file ? readHostsFile(typed.pace.hostsFile) : readTargets(exec.options.target);
  if (!targets) return tl::unexpected((file ? "--hosts-file: " : "TARGET: ") + targets.error());
  if (targets->names.empty()) return tl::unexpected<std::string>("there is no host in it");
  auto pace = readPace(typed.pace, targets->names.size());
  if (!pace) return tl::unexpected(pace.error());
  exec.targets = std::move(targets->names);
  exec.pace = *pace;
  return {};
}

int runManyExec(const ManyExec& exec, const DaemonPlace& place) {
  auto present = [&](TerminalConsole& console, Loop loop) {
    return makePresenter(exec.format, exec.output, {exec.targets, exec.command, console, loop});
  };
  auto describe = [&](schema::FanOutRequest::Work::Builder work) {
    describeExec(exec.options, work.initExec());
    return work.getExec().getCaller();
  };
  bool forPeople = exec.output == "text";
  std::vector<int> signals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  return runOnMany({exec.targets, exec.pace, signals, forPeople, exec.format.quiet, present, describe, exec.input},
                   place);
}

}  // namespace

void addManyOptions(CLI::App& app, TypedMany& typed) {
  addFanOutOptions(app, typed.pace);
  addFormatOptions(app, typed.format);
}

bool isForMany(CommandLine& line, const std::string& target) {
  const std::string& output = line.common().output;
  return isNodeSet(target) || asksForManyHosts(line.app()) || output == "ndjson" || output == "junit";
}

int execOnMany(CommandLine& line, ExecOptions options, const TypedMany& typed) {
  ManyExec exec{std::move(options), typed.format, {}, line.common().output, {}, {}, {}};
  if (auto problem = checkMany(exec.options, typed, exec.output); !problem.empty()) return line.complain(problem);
  if (auto read = readMany(typed, exec); !read) return line.complain(read.error());
  exec.command = joinedWords(exec.options.command);
  exec.options.target.clear();
  if (exec.options.forwardStdin) {
    auto input = readWholeInput(STDIN_FILENO);
    if (!input && input.error().kind == ErrorKind::USAGE) return line.complain(input.error().detail);
    if (!input) return reportFailure(input.error(), "", false);
    exec.input = std::move(*input);
  }
  return runManyExec(exec, line.common().place());
}

}  // namespace cbs::cli
