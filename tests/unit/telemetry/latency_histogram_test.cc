#include "agentd/telemetry/durations.h"

#include <capnp/message.h>
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

TEST_CASE("a duration counts within its bound when it is just as long, and not when it is longer") {
  auto bounds = schema::BUCKET_BOUNDS_US.get();
  for (unsigned i = 0; i < bounds.size(); ++i) {
    LatencyHistogram histogram;
    histogram.record(bounds[i]);
    histogram.record(bounds[i] + 1);
    auto within = histogram.withinBounds();
    REQUIRE(within.size() == bounds.size());
    for (unsigned j = 0; j < bounds.size(); ++j) {
      INFO(bounds[i] << " within " << bounds[j]);
      REQUIRE(within[j] == (j < i ? 0u : j == i ? 1u : 2u));
    }
    REQUIRE(histogram.count() == 2);
  }
}

TEST_CASE("no bound is below another one before it") {
  auto bounds = schema::BUCKET_BOUNDS_US.get();
  for (unsigned i = 1; i < bounds.size(); ++i) REQUIRE(bounds[i - 1] < bounds[i]);
}

TEST_CASE("a histogram is told with its buckets, also when it is empty") {
  capnp::MallocMessageBuilder message;
  auto told = message.initRoot<schema::EngineStats::Durations>();
  LatencyHistogram histogram;
  encode(histogram, told);
  REQUIRE(told.getCount() == 0);
  REQUIRE(told.getBuckets().size() == schema::BUCKET_BOUNDS_US->size());
  histogram.record(0);
  histogram.record(700);
  histogram.record(4'000'000'000);
  encode(histogram, told);
  auto buckets = told.asReader().getBuckets();
  REQUIRE(told.getCount() == 3);
  REQUIRE(told.getSumUs() == 4'000'000'700);
  REQUIRE(told.getP50Us() == histogram.percentile(0.5));
  REQUIRE(told.getP99Us() == 4'000'000'000);
  REQUIRE(buckets[0] == 1);
  REQUIRE(buckets[1] == 2);
  REQUIRE(buckets[buckets.size() - 1] == 2);  // longer than every bound
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
