// Wall-clock time of single things.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace cbs::bench {

// Milliseconds that `action` takes.
template <typename Action>
double millisecondsOf(Action&& action) {
  auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

// Runs a program to its end, as posix_spawn does it, with stdin and stdout at /dev/null. Throws if it does not exit
// with 0. `argv[0]` is looked up in $PATH.
void runToSuccess(const std::vector<std::string>& argv);

}  // namespace cbs::bench
