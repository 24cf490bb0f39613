// Runs a program to its end and gives what it printed.
#pragma once

#include "common/error.h"
#include "common/loop.h"
#include "common/secret.h"
#include "common/task.h"

#include <kj/time.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cbs {

struct SubprocessSpec {
  std::vector<std::string> argv;                                 // argv[0] is looked up in PATH
  std::vector<std::pair<std::string, std::string>> environment;  // in addition to this process's own
  std::string input;                                             // standard input; empty: /dev/null
  SharedSecret secretInput = nullptr;                            // the same, and a newline; null: none
  kj::Duration timeout = 10 * kj::SECONDS;
  std::size_t maxOutputBytes = 1 << 20;  // of standard output; more is a failure
  std::size_t maxErrorBytes = 16 << 10;  // of standard error; what comes after them is dropped
};

struct SubprocessResult {
  int status = 0;  // wait status: 0 if it exited with 0
  std::string out;
  std::string err;  // its first `maxErrorBytes`
};

// Any exit status is a result. Fails with
//   internal/notFound                 there is no such program
//   internal                          it could not be started, or printed more than `maxOutputBytes`
//   overloaded/descriptorLimit        no descriptors left
//   timedOut/commandTimedOut          it did not end in time
// Dropping the task ends the program (ChildProcess).
Task<Expected<SubprocessResult>> runSubprocess(Loop loop, SubprocessSpec spec);

}  // namespace cbs
