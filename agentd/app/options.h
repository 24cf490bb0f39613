// The daemon's command line.
#pragma once

#include <spdlog/common.h>

#include <optional>
#include <string>
#include <variant>

namespace cbs::app {

struct Options {
  std::string socket;          // "": the usual place
  std::string config;          // "": the usual place, where it need not be
  std::string profile;         // "": what the configuration says
  std::optional<int> readyFd;  // gets "ready\n" once callers can connect, else what is wrong
  spdlog::level::level_enum logLevel = spdlog::level::info;
};

// What to do, or else the exit code: help has been printed, or a complaint.
std::variant<Options, int> readOptions(int argc, const char* const* argv);

}  // namespace cbs::app
