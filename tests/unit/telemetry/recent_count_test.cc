#include "agentd/telemetry/recent_count.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::telemetry {
namespace {

TEST_CASE("what a sum has grown by counts until the window is over") {
  RecentCount count(60'000);
  CHECK(count.update(0, 1000) == 0);
  CHECK(count.update(4, 2000) == 4);
  CHECK(count.update(4, 30'000) == 4);
  CHECK(count.update(5, 40'000) == 5);
  CHECK(count.update(5, 61'999) == 5);
  CHECK(count.update(5, 62'000) == 1);
  CHECK(count.update(5, 100'000) == 0);
}

TEST_CASE("what was there at first has grown since the start") {
  RecentCount count(60'000);
  CHECK(count.update(7, 5000) == 7);
}

TEST_CASE("a sum that begins anew is counted from there") {
  RecentCount count(60'000);
  count.update(100, 0);
  CHECK(count.update(3, 60'000) == 3);
  CHECK(count.update(4, 61'000) == 4);
}

TEST_CASE("however often it is asked, nothing is lost") {
  RecentCount count(60'000);
  uint64_t total = 0;
  for (uint64_t ms = 0; ms < 600'000; ms += 7) total = count.update(ms, ms);
  CHECK(total >= 58'000);
  CHECK(total <= 60'000);
}

}  // namespace
}  // namespace cbs::telemetry
