// How this program was started, to start it again.
#pragma once

#include <string>
#include <vector>

namespace cbs::app {

struct Program {
  std::string path;                    // absolute; what is there may be another program by then
  std::vector<std::string> arguments;  // without those that belong to a single start
};

// To be asked for before anything changes the working directory.
Program programOf(int argc, const char* const* argv);

}  // namespace cbs::app
