// The daemon's command line.
#pragma once

#include "agentd/app/program.h"
#include "common/config_types.h"

#include <optional>
#include <string>
#include <variant>

namespace cbs::app {

struct Options {
  std::string socket;             // "": the usual place
  std::string config;             // "": the usual place, where it need not be
  std::string profile;            // "": what the configuration says
  std::optional<int> handoverFd;  // the first of those that the daemon to be replaced has passed on (handover.h)
  Program program;
  std::optional<int> readyFd;        // gets "ready\n" once callers can connect, else what is wrong
  bool detached = false;             // nobody reads standard error
  std::optional<LogLevel> logLevel;  // whatever the configuration says
};

// What to do, or else the exit code: help has been printed, or a complaint.
std::variant<Options, int> readOptions(int argc, const char* const* argv);

}  // namespace cbs::app
