// The system call behind ChildProcess.
#pragma once

#include "common/error.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace cbs {

struct SpawnRequest {
  const std::vector<std::string>& argv;
  const std::vector<std::pair<std::string, std::string>>& environment;
  std::array<int, 3> descriptors;  // standard input, output, error; -1: /dev/null
  std::vector<int> further = {};   // these become 3, 4, …
  bool outlives = false;           // is not killed when this process dies
};

// Gives the pid of a new child, which the caller has to reap. Errors as ChildProcess::start has them.
//
// vfork, as the daemon may be large and a copy of its page tables slow, and as posix_spawn cannot ask for a signal at
// the parent's death.
Expected<int> spawn(const SpawnRequest& request);

}  // namespace cbs
