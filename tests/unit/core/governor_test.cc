#include "agentd/core/governor.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::core {
namespace {

constexpr auto kStart = kj::origin<kj::TimePoint>() + 1 * kj::HOURS;

void logIn(Governor& governor) {
  governor.started();
  governor.ended();
  governor.succeeded();
}

TEST_CASE("as many logins may be under way as the window has places") {
  Governor governor(3);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(governor.mayStart());
    governor.started();
  }
  CHECK_FALSE(governor.mayStart());
  governor.ended();
  CHECK(governor.mayStart());
}

TEST_CASE("a drop halves the window, once for all that were under way together") {
  Governor governor(8);
  for (int i = 0; i < 8; ++i) governor.dropped(kStart, kStart + i * kj::MILLISECONDS);
  CHECK(governor.window() == 4);
  governor.dropped(kStart + 1 * kj::SECONDS, kStart + 2 * kj::SECONDS);
  CHECK(governor.window() == 2);
}

TEST_CASE("the window never closes, however many logins are dropped") {
  Governor governor(8);
  for (int i = 0; i < 100; ++i) governor.dropped(kStart + i * kj::SECONDS, kStart + i * kj::SECONDS);
  CHECK(governor.window() == 1);
  CHECK(governor.mayStart());
}

TEST_CASE("a window's worth of logins widens it by about one, up to the ceiling") {
  Governor governor(8);
  governor.dropped(kStart, kStart);
  for (int i = 0; i < 5; ++i) logIn(governor);
  CHECK(governor.window() == 5);
  for (int i = 0; i < 100; ++i) logIn(governor);
  CHECK(governor.window() == 8);
  CHECK(governor.pristine());
}

TEST_CASE("a new ceiling applies at once, and a window that was narrowed stays narrow") {
  Governor open(8);
  open.setCeiling(2);
  CHECK(open.window() == 2);
  open.setCeiling(20);
  CHECK(open.window() == 20);
  Governor narrowed(8);
  narrowed.dropped(kStart, kStart);
  narrowed.setCeiling(20);
  CHECK(narrowed.window() == 4);
}

}  // namespace
}  // namespace cbs::core
