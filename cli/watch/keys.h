// What the keys of `cbsession stats --watch` do to its view.
#pragma once

#include "cli/watch/watch_view.h"

namespace cbs::cli {

enum class KeyEffect {
  none,
  redraw,
  resume,  // ask again at once, and then at the view's interval
  leave
};

KeyEffect pressKey(char key, WatchView& view);

constexpr auto kShortestInterval = 200 * kj::MILLISECONDS;
constexpr auto kLongestInterval = 1 * kj::HOURS;

}  // namespace cbs::cli
