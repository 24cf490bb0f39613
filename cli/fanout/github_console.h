// Keeps what hosts print from being taken for commands by GitHub Actions, which reads a step's log for them.
#pragma once

#include "cli/fanout/console.h"

#include <memory>
#include <string_view>

namespace cbs::cli {

// Whether a part of these lines would be a command.
bool mayCommandGithub(std::string_view lines);

// Hands on to `console`, which outlives it, what is written. Around what could be commands it says, on the same stream,
// that it is none (::stop-commands::).
std::unique_ptr<Console> makeGithubConsole(Console& console);

}  // namespace cbs::cli
