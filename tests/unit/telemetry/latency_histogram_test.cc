#include "agentd/telemetry/latency_histogram.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>
#include <vector>

namespace cbs::telemetry {
namespace {

TEST_CASE("an empty histogram has zeros") {
  LatencyHistogram histogram;
  REQUIRE(histogram.percentile(0.5) == 0);
  REQUIRE(histogram.count() == 0);
  REQUIRE(histogram.largest() == 0);
}

TEST_CASE("one value is every percentile") {
  for (uint64_t value : {0ull, 1ull, 7ull, 8ull, 9ull, 2900ull, 1ull << 38}) {
    LatencyHistogram histogram;
    histogram.record(value);
    for (double fraction : {0.0, 0.5, 0.99, 1.0}) REQUIRE(histogram.percentile(fraction) == value);
  }
}

TEST_CASE("a percentile is never too low, and at most an eighth too high") {
  std::mt19937_64 random(5);
  for (int round = 0; round < 20; ++round) {
    LatencyHistogram histogram;
    std::vector<uint64_t> values;
    uint64_t sum = 0;
    for (int i = 0; i < 1000; ++i) {
      values.push_back(random() >> (25 + random() % 39));
      histogram.record(values.back());
      sum += values.back();
    }
    std::sort(values.begin(), values.end());
    REQUIRE(histogram.sum() == sum);
    for (double fraction : {0.5, 0.9, 0.99, 1.0}) {
      uint64_t exact = values[static_cast<size_t>(fraction * 1000) - 1];
      INFO(fraction << " " << exact);
      REQUIRE(histogram.percentile(fraction) >= exact);
      REQUIRE(histogram.percentile(fraction) <= exact + exact / 8);
    }
  }
}

TEST_CASE("durations beyond the last bucket count there") {
  LatencyHistogram histogram;
  histogram.record(UINT64_MAX);
  histogram.record(uint64_t{1} << 39);
  REQUIRE(histogram.count() == 2);
  REQUIRE(histogram.percentile(1) == (uint64_t{1} << 39) - 1);
  REQUIRE(histogram.largest() == UINT64_MAX);
}

}  // namespace
}  // namespace cbs::telemetry
