// OpenSSH's own program, for what is not done over the pool.
#pragma once

#include "cli/options.h"

#include <signal.h>

#include <string>

namespace cbs::cli {

// The ssh in PATH, or the program that CBSESSION_SSH names; never this program, which may be called `ssh` as well. ""
// if there is none.
std::string realSsh();

// What we were started with and an event loop changes: blocked signals, and what a broken pipe does.
class StartSignals {
 public:
  StartSignals();
  void restore() const;

 private:
  sigset_t blocked_;
  struct sigaction brokenPipe_;
};

// Becomes `program` with these arguments. Returns, with the words of why, only if that fails.
std::string becomeSsh(const std::string& program, const Arguments& arguments, const StartSignals& signals);

}  // namespace cbs::cli
