// The CLI as a function.
#pragma once

#include <string>
#include <vector>

namespace cbs::cli {

// Runs the command that `arguments` (without the program's name) ask for, and gives the exit code. All output is
// written by then.
int run(std::vector<std::string> arguments);

}  // namespace cbs::cli
