// How `cbsession stats` watches.
#pragma once

#include <kj/time.h>

#include <cstdint>

namespace cbs::cli {

struct WatchOptions {
  kj::Duration interval = 1 * kj::SECONDS;
  uint32_t count = 0;  // lines to print; 0: without end
};

// Whether it can draw on standard output: a terminal that knows how to place its cursor.
bool outputIsScreen();
// Not if NO_COLOR says so (https://no-color.org).
bool coloursWanted();

// How long to wait for a daemon that was not there before asking again.
inline kj::Duration lostPause(kj::Duration interval) { return kj::min(interval, 1 * kj::SECONDS); }

}  // namespace cbs::cli
