// Wall-clock time of single things.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace cbs::bench {

// Runs from its making on.
class Stopwatch {
 public:
  double milliseconds() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }
  double seconds() const { return milliseconds() / 1000; }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Milliseconds that `action` takes.
template <typename Action>
double millisecondsOf(Action&& action) {
  Stopwatch stopwatch;
  action();
  return stopwatch.milliseconds();
}

// Runs a program to its end, as posix_spawn does it, with stdin and stdout at /dev/null. Throws if it does not exit
// with 0. `argv[0]` is looked up in $PATH. Gives the processor time that it and those it waited for took, in
// milliseconds.
double runToSuccess(const std::vector<std::string>& argv);

}  // namespace cbs::bench
