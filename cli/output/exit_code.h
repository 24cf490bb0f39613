// The CLI's exit codes (the table "Outcomes and exit codes" of the manual).
#pragma once

#include "common/error.h"

namespace cbs::cli {

constexpr int kUsage = 2;
constexpr int kBrokenPipe = 128 + 13;  // as a program that SIGPIPE ends

// The code for a failure of cbsession's own; 0 for kind `none`.
int exitCodeOf(ErrorKind kind);

// The code for what became of a command: the remote status, 128+n for a signal, or the code of the error that cut it
// short. A command whose fate is unknown gives 247 whatever the error says, unless its deadline or its caller ended it.
int exitCodeOf(schema::Outcome::Reader outcome);

}  // namespace cbs::cli
