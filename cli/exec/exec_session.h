// A command that runs on a host with our own terminal, streams and signals.
#pragma once

#include "cli/daemon/place.h"
#include "cli/exec/exec_end.h"
#include "cli/exec/exec_options.h"
#include "cli/exec/output_target.h"

#include <kj/io.h>

namespace cbs::cli {

// Runs it over a connected socket (reachDaemon) to its end. Its output goes to our own standard streams, or to
// `captured` if that is given.
ExecEnd runOver(kj::AutoCloseFd socket, const ExecOptions& options, CapturedOutput* captured);

// The same over a connection that is made for it, with a daemon that is started if need be.
ExecEnd reachAndRun(const DaemonPlace& place, const ExecOptions& options, CapturedOutput* captured);

}  // namespace cbs::cli
