#include "agentd/app/options.h"

#include "agentd/app/exit_code.h"
#include "common/environment.h"
#include "common/version.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <iostream>

namespace cbs::app {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  cbsession-agentd                                    serve this user, at the usual socket\n"
    "  cbsession-agentd --profile scaling                  with limits for a great many hosts\n"
    "  cbsession-agentd --socket /tmp/x.sock --config x.toml --log-level debug\n"
    "\n"
    "`cbsession agent start` starts it in the background; most commands do that by themselves.";

const std::map<std::string, LogLevel> kLevels = {
    {"debug", LogLevel::DEBUG}, {"info", LogLevel::INFO}, {"warn", LogLevel::WARN},
    {"error", LogLevel::ERROR}, {"off", LogLevel::OFF},
};

// A level that makes no sense is no reason to stay away.
void takeLogLevelFromEnvironment(Options& options) {
  auto level = kLevels.find(std::string(lookUp(processEnvironment(), "CBSESSION_LOG")));
  if (level != kLevels.end()) options.logLevel = level->second;
}

}  // namespace

std::variant<Options, int> readOptions(int argc, const char* const* argv) {
  Options options{.program = programOf(argc, argv)};
  takeLogLevelFromEnvironment(options);
  CLI::App app("Keeps SSH connections and runs what `cbsession` asks for over them.", "cbsession-agentd");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("--version", std::string("cbsession-agentd ") + kVersion);
  app.add_option("--socket", options.socket, "Where callers connect")->type_name("PATH");
  app.add_option("--config", options.config, "The configuration")->type_name("FILE");
  app.add_option("--profile", options.profile, "default or scaling")->type_name("NAME");
  app.add_option("--ready-fd", options.readyFd, "A descriptor to write `ready` to")->type_name("N");
  app.add_flag("--detached", options.detached, "Nobody reads standard error: log to a file instead");
  app.add_option("--handover-fd", options.handoverFd)->group("");  // from a daemon that is replaced
  app.add_option("--log-level", options.logLevel, "debug, info, warn, error or off")
      ->type_name("LEVEL")
      ->transform(CLI::CheckedTransformer(kLevels, CLI::ignore_case).description(""));
  app.footer(kExamples);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    std::cerr << "cbsession-agentd: " << error.what() << ". Next: cbsession-agentd --help\n";
    return kUsage;
  }
  return options;
}

}  // namespace cbs::app
