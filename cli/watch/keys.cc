#include "cli/watch/keys.h"

#include <algorithm>
#include <iterator>

namespace cbs::cli {
namespace {

constexpr kj::Duration kIntervals[] = {kShortestInterval, 500 * kj::MILLISECONDS, 1 * kj::SECONDS,  2 * kj::SECONDS,
                                       5 * kj::SECONDS,   10 * kj::SECONDS,       30 * kj::SECONDS, 1 * kj::MINUTES,
                                       5 * kj::MINUTES,   15 * kj::MINUTES,       kLongestInterval};

kj::Duration longerThan(kj::Duration interval) {
  auto next = std::upper_bound(std::begin(kIntervals), std::end(kIntervals), interval);
  return next == std::end(kIntervals) ? kLongestInterval : *next;
}

kj::Duration shorterThan(kj::Duration interval) {
  auto next = std::lower_bound(std::begin(kIntervals), std::end(kIntervals), interval);
  return next == std::begin(kIntervals) ? kShortestInterval : *std::prev(next);
}

}  // namespace

KeyEffect pressKey(char key, WatchView& view) {
  switch (key) {
    case 'q':
    case 'Q':
      return KeyEffect::leave;
    case 'p':
      view.paused = !view.paused;
      return view.paused ? KeyEffect::redraw : KeyEffect::resume;
    case '?':
    case 'h':
      view.help = !view.help;
      return KeyEffect::redraw;
    case '+':
    case '=':
      view.interval = longerThan(view.interval);
      return view.paused ? KeyEffect::redraw : KeyEffect::resume;
    case '-':
      view.interval = shorterThan(view.interval);
      return view.paused ? KeyEffect::redraw : KeyEffect::resume;
    default:
      return KeyEffect::none;
  }
}

}  // namespace cbs::cli
