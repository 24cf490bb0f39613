// The busiest hosts, as rows of the screen.
#pragma once

#include "cli/watch/line.h"
#include "cli/watch/watch_view.h"

#include <vector>

namespace cbs::cli {

// With a line of headings; nothing if there are no hosts.
std::vector<Line> hostRows(const Sample& sample, const Rates& rates, size_t columns);

}  // namespace cbs::cli
