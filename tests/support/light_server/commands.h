// The commands that the light server has built in.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cbs::light {

// What a command is going to do: wait, write, exit.
struct Plan {
  std::chrono::milliseconds wait{0};
  std::string output;       // stdout, first
  uint64_t zeroBytes = 0;   // then so many zero bytes
  std::string errorOutput;  // stderr
  int status = 0;
};

// `true`, `false`, `echo TEXT`, `sleep SECONDS`, `bytes N`. Anything else is not found, status 127, as a shell would
// say.
Plan planFor(const std::string& command);

}  // namespace cbs::light
