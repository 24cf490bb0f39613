// From the command line to the exit code.
#pragma once

#include "agentd/app/options.h"

namespace cbs::app {

// Serves until it is told to end by SIGTERM, SIGINT or a caller. What prevents it is said on standard error and at
// `options.readyFd`.
int run(const Options& options);

}  // namespace cbs::app
