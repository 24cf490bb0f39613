// The screen of `cbsession stats --watch`, as a function of what is known.
#pragma once

#include "cli/exec/terminal.h"
#include "cli/watch/line.h"
#include "cli/watch/watch_view.h"

#include <vector>

namespace cbs::cli {

// As many lines as there are rows, at most, and none wider than the terminal. The last one is about the keys. Hosts get
// the rows that the rest leaves.
std::vector<Line> watchFrame(const WatchView& view, TerminalSize size);

// How many hosts are worth asking for.
uint32_t hostsFor(TerminalSize size);

}  // namespace cbs::cli
