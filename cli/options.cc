#include "cli/options.h"

#include "cli/output/exit_code.h"
#include "cli/output/explain_error.h"
#include "cli/output/print.h"
#include "common/duration.h"
#include "common/environment.h"
#include "common/paths.h"

#include <unistd.h>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace cbs::cli {
namespace {

// The daemon leaves our working directory, so what is passed on to it must not depend on that.
std::string absolute(const std::string& path) {
  if (path.empty() || path.front() == '/') return path;
  char folder[4096];
  return getcwd(folder, sizeof(folder)) == nullptr ? path : std::string(folder) + "/" + path;
}

// The words of --output, as --help and complaints have them.
const char* namesOf(CommandLine::Formats formats) {
  switch (formats) {
    case CommandLine::Formats::textOrJson:
      return "text or json";
    case CommandLine::Formats::alsoNdjson:
      return "text, json or ndjson";
    case CommandLine::Formats::alsoJunit:
      return "text, json, ndjson or junit";
    case CommandLine::Formats::none:
      break;
  }
  return "";
}

bool isAmong(CommandLine::Formats formats, const std::string& name) {
  if (name == "text" || name == "json") return true;
  if (name == "ndjson") return formats != CommandLine::Formats::textOrJson;
  return name == "junit" && formats == CommandLine::Formats::alsoJunit;
}

std::string oneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

DaemonPlace CommonOptions::place() const {
  auto environment = processEnvironment();
  auto paths = userPaths(environment, geteuid());
  DaemonPlace place;
  place.socket = absolute(socket.empty() ? paths.socket : socket);
  place.config = absolute(config.empty() ? std::string(lookUp(environment, "CBSESSION_CONFIG")) : config);
  place.autostart = !noAutostart && lookUp(environment, "CBSESSION_AUTOSTART") != "0";
  return place;
}

CommandLine::CommandLine(const std::string& name, const std::string& description, const std::string& examples)
    : name_(name), app_(description, "cbsession" + (name.empty() ? "" : " " + name)) {
  app_.footer("Examples:\n" + examples);
  app_.set_help_flag("-h,--help", "Print this help and exit");
}

void CommandLine::addCommonOptions(Formats formats) {
  app_.add_option("--socket", common_.socket, "The daemon's socket")->type_name("PATH")->group("The daemon");
  app_.add_option("--config", common_.config, "The configuration for a daemon that is started")
      ->type_name("FILE")
      ->group("The daemon");
  app_.add_flag("--no-autostart", common_.noAutostart, "Fail if no daemon runs")->group("The daemon");
  if (formats != Formats::none) addOutputOption(formats);
}

void CommandLine::addOutputOption(Formats formats) {
  formats_ = formats;
  app_.add_option("--output", common_.output, namesOf(formats))->type_name("FORMAT");
}

std::function<void(const CommandLine&)> CommandLine::look_;

std::optional<int> CommandLine::parse(Arguments arguments) {
  if (look_) return look_(*this), 0;
  std::reverse(arguments.begin(), arguments.end());
  try {
    app_.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    print(app_.help());
    return 0;
  } catch (const CLI::ParseError& error) {
    return complain(error.what());
  }
  if (!isAmong(formats_, common_.output)) {
    bool two = formats_ == Formats::textOrJson;
    std::string wanted = two ? "neither text nor json" : std::string("not ") + namesOf(formats_);
    return complain("--output: '" + common_.output + "' is " + wanted);
  }
  return std::nullopt;
}

int CommandLine::complain(const std::string& what) const {
  std::string subject = name_.empty() ? "" : name_ + ": ";
  bool tellsWhatToDo = what.find(" Next: ") != std::string::npos;
  std::string sentence = tellsWhatToDo ? what : stopped(what) + " Next: " + app_.get_name() + " --help";
  printError("cbsession: " + subject + oneLine(sentence) + "\n");
  return kUsage;
}

// How many arguments an option takes up, its value included.
size_t CommandLine::wordsOfOption(const std::string& argument) const {
  auto takesValue = [this](const std::string& name) {
    const CLI::Option* option = app_.get_option_no_throw(name);
    return option != nullptr && option->get_items_expected_max() > 0;
  };
  if (argument.compare(0, 2, "--") == 0) {
    return argument.find('=') == std::string::npos && takesValue(argument) ? 2 : 1;
  }
  for (size_t i = 1; i < argument.size(); ++i) {  // -it, -eK=V, -e K=V
    if (takesValue(std::string("-") + argument[i])) return i + 1 == argument.size() ? 2 : 1;
  }
  return 1;
}

Arguments CommandLine::splitRemoteCommand(Arguments& arguments, std::string_view insteadOfTarget) {
  endsInCommand_ = true;
  bool targetSeen = false;
  bool optionsOver = false;
  size_t i = 0;
  while (i < arguments.size()) {
    const std::string& argument = arguments[i];
    bool isOption = !optionsOver && argument.size() > 1 && argument[0] == '-';
    if (isOption && argument == "--") {
      if (targetSeen) break;
      optionsOver = true;
      i += 1;
    } else if (isOption) {
      targetSeen |= !insteadOfTarget.empty() && argument.substr(0, argument.find('=')) == insteadOfTarget;
      i += wordsOfOption(argument);
    } else if (targetSeen) {
      break;
    } else {
      targetSeen = true;
      i += 1;
    }
  }
  i = std::min(i, arguments.size());
  size_t skipped = i < arguments.size() && arguments[i] == "--" ? 1 : 0;
  Arguments command(arguments.begin() + static_cast<long>(i + skipped), arguments.end());
  arguments.resize(i);
  return command;
}

CLI::Option* addTarget(CLI::App& app, std::string& target) {
  return app.add_option("TARGET", target, "[user@]host[:port], or an alias from ssh_config")->type_name("");
}

CLI::Option* addNumber(CLI::App& app, const std::string& name, uint32_t& number, const std::string& description) {
  auto problem = [](const std::string& text) -> std::string {
    uint32_t read = 0;
    const char* last = text.data() + text.size();
    auto [end, error] = std::from_chars(text.data(), last, read);
    return error == std::errc() && end == last ? "" : "expected a whole number from 0, not '" + text + "'";
  };
  return app.add_option(name, number, description)->type_name("N")->check(problem);
}

std::string checkJobs(const std::string& option, const std::vector<std::string>& jobs) {
  bool allThere = std::none_of(jobs.begin(), jobs.end(), [](const std::string& job) { return job.empty(); });
  return allThere ? "" : option + ": expected the id or the name of a job, not ''";
}

std::string readDuration(const std::string& option, const std::string& text, uint64_t& milliseconds) {
  if (text.empty()) return "";
  auto duration = parseDuration(text);
  if (!duration) return option + ": " + duration.error();
  milliseconds = static_cast<uint64_t>(*duration / kj::MILLISECONDS);
  return "";
}

}  // namespace cbs::cli
