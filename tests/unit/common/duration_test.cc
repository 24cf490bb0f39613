#include "common/duration.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs {
namespace {

int64_t nanoseconds(const char* text) {
  auto parsed = parseDuration(text);
  INFO(text);
  REQUIRE(parsed.has_value());
  return *parsed / kj::NANOSECONDS;
}

TEST_CASE("durations are read in the units that people type") {
  REQUIRE(nanoseconds("500ms") == 500'000'000);
  REQUIRE(nanoseconds("30s") == 30'000'000'000);
  REQUIRE(nanoseconds("30") == 30'000'000'000);
  REQUIRE(nanoseconds("0") == 0);
  REQUIRE(nanoseconds("5m") == 300'000'000'000);
  REQUIRE(nanoseconds("2h") == 7'200'000'000'000);
  REQUIRE(nanoseconds("1d") == 86'400'000'000'000);
  REQUIRE(nanoseconds("1h30m") == 5'400'000'000'000);
  REQUIRE(nanoseconds("1m2s3ms") == 62'003'000'000);
  REQUIRE(nanoseconds("1.5s") == 1'500'000'000);
  REQUIRE(nanoseconds("0.25") == 250'000'000);
  REQUIRE(nanoseconds("1.0000000009s") == 1'000'000'000);
  REQUIRE(nanoseconds("1000d") == 86'400'000'000'000'000);
}

TEST_CASE("what is no duration is refused with a sentence that quotes it") {
  for (const char* text : {"",
                           "abc",
                           "s",
                           "-1s",
                           "5x",
                           "5 s",
                           "1h30",
                           "30m1h",
                           "1s1s",
                           "1..5s",
                           "1.s",
                           ".5s",
                           "1001d",
                           "1000d1h",
                           "1e3",
                           "99999999999999999999s",
                           "9223372036854775807",
                           "0x10",
                           "5S",
                           "\xff",
                           "1.5.2s"}) {
    INFO(text);
    auto parsed = parseDuration(text);
    REQUIRE_FALSE(parsed.has_value());
    REQUIRE(parsed.error().find("\"" + std::string(text) + "\" is not a duration: ") == 0);
  }
}

TEST_CASE("durations are printed with the two largest units that say something") {
  REQUIRE(durationText(0 * kj::SECONDS) == "0 ms");
  REQUIRE(durationText(-5 * kj::SECONDS) == "0 ms");
  REQUIRE(durationText(850 * kj::MICROSECONDS) == "0.85 ms");
  REQUIRE(durationText(997 * kj::MICROSECONDS) == "1.0 ms");
  REQUIRE(durationText(2'912 * kj::MICROSECONDS) == "2.9 ms");
  REQUIRE(durationText(9'960 * kj::MICROSECONDS) == "10 ms");
  REQUIRE(durationText(120 * kj::MILLISECONDS) == "120 ms");
  REQUIRE(durationText(999'700 * kj::MICROSECONDS) == "1.0 s");
  REQUIRE(durationText(1'500 * kj::MILLISECONDS) == "1.5 s");
  REQUIRE(durationText(59'980 * kj::MILLISECONDS) == "1 min");
  REQUIRE(durationText(184 * kj::SECONDS) == "3 min 4 s");
  REQUIRE(durationText(2 * kj::HOURS + 5 * kj::MINUTES + 1 * kj::SECONDS) == "2 h 5 min");
  REQUIRE(durationText(24 * kj::HOURS - 1 * kj::SECONDS) == "1 d");
  REQUIRE(durationText(3 * kj::DAYS + 4 * kj::HOURS) == "3 d 4 h");
}

TEST_CASE("sizes are printed in powers of 1024") {
  REQUIRE(byteText(0) == "0 B");
  REQUIRE(byteText(1023) == "1023 B");
  REQUIRE(byteText(1024) == "1.0 KiB");
  REQUIRE(byteText(1'258'291) == "1.2 MiB");
  REQUIRE(byteText((1 << 20) - 1) == "1.0 MiB");
  REQUIRE(byteText(UINT64_MAX) == "16.0 EiB");
}

}  // namespace
}  // namespace cbs
