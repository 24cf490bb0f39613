#include "cli/watch/keys.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

TEST_CASE("plus and minus go through intervals, from 200 ms to an hour and no further") {
  WatchView view;
  CHECK(pressKey('+', view) == KeyEffect::resume);
  CHECK(view.interval == 2 * kj::SECONDS);
  CHECK(pressKey('-', view) == KeyEffect::resume);
  CHECK(view.interval == 1 * kj::SECONDS);
  for (int i = 0; i < 20; ++i) pressKey('-', view);
  CHECK(view.interval == 200 * kj::MILLISECONDS);
  for (int i = 0; i < 20; ++i) pressKey('+', view);
  CHECK(view.interval == 1 * kj::HOURS);
}

TEST_CASE("an interval of one's own goes to the next in either direction") {
  WatchView view;
  view.interval = 3 * kj::SECONDS;
  pressKey('+', view);
  CHECK(view.interval == 5 * kj::SECONDS);
  view.interval = 3 * kj::SECONDS;
  pressKey('-', view);
  CHECK(view.interval == 2 * kj::SECONDS);
}

TEST_CASE("while it is paused nothing is asked, until it goes on") {
  WatchView view;
  CHECK(pressKey('p', view) == KeyEffect::redraw);
  CHECK(view.paused);
  CHECK(pressKey('+', view) == KeyEffect::redraw);
  CHECK(pressKey('p', view) == KeyEffect::resume);
  CHECK_FALSE(view.paused);
}

TEST_CASE("q leaves, ? shows the keys, and others do nothing") {
  WatchView view;
  CHECK(pressKey('q', view) == KeyEffect::leave);
  CHECK(pressKey('?', view) == KeyEffect::redraw);
  CHECK(view.help);
  CHECK(pressKey('?', view) == KeyEffect::redraw);
  CHECK_FALSE(view.help);
  CHECK(pressKey('x', view) == KeyEffect::none);
}

}  // namespace
}  // namespace cbs::cli
