// What every command takes, and how a command's arguments are read.
#pragma once

#include "cli/daemon/place.h"

#include <CLI/App.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::cli {

using Arguments = std::vector<std::string>;

struct CommonOptions {
  std::string socket;
  std::string config;
  bool noAutostart = false;
  std::string output = "text";

  bool json() const { return output == "json"; }
  bool ndjson() const { return output == "ndjson"; }

  // Where the daemon is, with what the environment says about the rest.
  DaemonPlace place() const;
};

// The parser of one command: its options, then parse().
class CommandLine {
 public:
  // `examples` are shown at the end of --help, one line each.
  CommandLine(const std::string& name, const std::string& description, const std::string& examples);

  CLI::App& app() { return app_; }
  const CLI::App& app() const { return app_; }
  CommonOptions& common() { return common_; }

  // What --output can be.
  enum class Formats { textOrJson, alsoNdjson, alsoJunit, none };

  // Adds --socket, --config, --no-autostart and, unless there is but one format, --output.
  void addCommonOptions(Formats formats = Formats::textOrJson);
  // Adds --output alone, for a command that has nothing to do with the daemon.
  void addOutputOption(Formats formats = Formats::textOrJson);

  // nullopt: all is well; else the exit code, the help or the complaint having been printed.
  std::optional<int> parse(Arguments arguments);

  // Where the words of a remote command start in `arguments`: after the first word that is no option, so that the
  // remote command's own options are never looked at. A `--` between the two is skipped. With the option that stands
  // instead of that word, if it is named here, all words are the command's.
  Arguments splitRemoteCommand(Arguments& arguments, std::string_view insteadOfTarget = "");
  // Whether that was asked for.
  bool endsInCommand() const { return endsInCommand_; }

  // Prints a complaint about the arguments and gives the exit code.
  int complain(const std::string& what) const;

  // As long as it is there, parse() shows each parser to `look` instead of reading arguments, and lets the command end
  // with 0. One at a time.
  class Looking {
   public:
    explicit Looking(std::function<void(const CommandLine&)> look) { look_ = std::move(look); }
    Looking(Looking&&) = delete;
    ~Looking() { look_ = nullptr; }
  };

 private:
  size_t wordsOfOption(const std::string& argument) const;

  std::string name_;
  CLI::App app_;
  CommonOptions common_;
  Formats formats_ = Formats::textOrJson;
  bool endsInCommand_ = false;
  static std::function<void(const CommandLine&)> look_;
};

// Adds the word that names a host.
CLI::Option* addTarget(CLI::App& app, std::string& target);

// Adds an option whose value is a whole number.
CLI::Option* addNumber(CLI::App& app, const std::string& name, uint32_t& number, const std::string& description);

// What is wrong with ids or names of jobs, or "". `option` is where they stand.
std::string checkJobs(const std::string& option, const std::vector<std::string>& jobs);

// Reads the value of an option that is a duration; none leaves `milliseconds` as it is. What is wrong with it, or "".
std::string readDuration(const std::string& option, const std::string& text, uint64_t& milliseconds);

}  // namespace cbs::cli
