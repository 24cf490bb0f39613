// `cbsession stats --watch` where nobody looks at a screen.
#pragma once

#include "cli/daemon/place.h"
#include "cli/watch/watch_options.h"

#include <kj/io.h>

namespace cbs::cli {

// Prints a line for each answer: figures in columns with headings now and then, or JSON. While there is no daemon it
// waits for one, and has said so on standard error. Gives the exit code.
int watchAsLines(kj::AutoCloseFd socket, const DaemonPlace& place, const WatchOptions& options, bool json);

}  // namespace cbs::cli
