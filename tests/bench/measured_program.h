// A program of which a measurement wants to know what it cost.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace cbs::bench {

struct ProgramCost {
  double seconds = 0;
  double cpuMs = 0;        // with those that it waited for
  double residentKiB = 0;  // the most of its own, looked at every few milliseconds
};

// Runs a program to its end, as posix_spawn does it, in a process group of its own, with stdin and stdout at /dev/null
// and these variables beside our own. Throws with the end of what it said on standard error if it does not exit with
// 0; after ten minutes, and when the measurement is interrupted, the group is killed first.
ProgramCost runMeasured(const std::vector<std::string>& argv, const std::map<std::string, std::string>& variables = {});

}  // namespace cbs::bench
