// The daemon's own figures, as rows of the screen.
#pragma once

#include "cli/watch/line.h"
#include "cli/watch/watch_view.h"

#include <vector>

namespace cbs::cli {

// Two rows: who it is and how it is doing, and why it is not well or gives no answer.
std::vector<Line> headRows(const WatchView& view, size_t columns);

std::vector<Line> figureRows(const Sample& sample, const Rates& rates, size_t columns);

}  // namespace cbs::cli
