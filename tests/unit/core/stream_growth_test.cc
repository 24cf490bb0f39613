#include "agentd/core/stream_growth.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::core {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr auto kNear = 100 * kj::MICROSECONDS;

// A transfer whose speed is told for each number of streams.
struct Transfer {
  explicit Transfer(unsigned most) : growth(most) {}

  // Moves for so long, a MiB after the other, with all streams that are wanted.
  void run(kj::Duration time, uint64_t bytesPerSecond) {
    growth.working(growth.wanted());
    kj::TimePoint end = now + time;
    kj::Duration each = static_cast<int64_t>(kMiB * 1'000'000 / bytesPerSecond) * kj::MICROSECONDS;
    for (; now < end; now += each) growth.moved(kMiB, now);
  }
  // For as long as one number of streams is tried.
  void runTrial(uint64_t bytesPerSecond) {
    unsigned before = growth.wanted();
    for (int i = 0; i < 10'000 && growth.wanted() == before; ++i) {
      growth.working(growth.wanted());
      growth.moved(kMiB, now);
      now += static_cast<int64_t>(kMiB * 1'000'000 / bytesPerSecond) * kj::MICROSECONDS;
    }
  }

  StreamGrowth growth;
  kj::TimePoint now = kj::origin<kj::TimePoint>() + 1 * kj::HOURS;
};

TEST_CASE("little to move is no reason for a second stream, however long the way is") {
  StreamGrowth growth(8);
  growth.roundTripIs(100 * kj::MILLISECONDS);
  growth.asked(kMiB - 1);
  CHECK(growth.wanted() == 1);
}

TEST_CASE("on a long way there are all streams at once, as soon as much is asked for in all") {
  StreamGrowth growth(8);
  growth.roundTripIs(2 * kj::MILLISECONDS);
  growth.asked(kMiB / 2);
  REQUIRE(growth.wanted() == 1);
  growth.asked(kMiB / 2);
  CHECK(growth.wanted() == 8);
}

TEST_CASE("nothing is decided before the round trip is known") {
  StreamGrowth growth(8);
  growth.asked(100 * kMiB);
  REQUIRE(growth.wanted() == 1);
  growth.roundTripIs(50 * kj::MILLISECONDS);
  CHECK(growth.wanted() == 8);
}

TEST_CASE("a number that was fixed is wanted for much only, and whatever the round trip is") {
  StreamGrowth growth(8, 3);
  growth.asked(kMiB - 1);
  REQUIRE(growth.wanted() == 1);
  growth.asked(1);
  CHECK(growth.wanted() == 3);
  growth.roundTripIs(50 * kj::MILLISECONDS);
  CHECK(growth.wanted() == 3);
}

TEST_CASE("near by one more stream is tried at a time, and goes again if it does not help") {
  Transfer transfer(8);
  transfer.growth.roundTripIs(kNear);
  transfer.growth.asked(kMiB);
  REQUIRE(transfer.growth.wanted() == 1);
  transfer.runTrial(200 * kMiB);
  REQUIRE(transfer.growth.wanted() == 2);
  transfer.runTrial(300 * kMiB);
  REQUIRE(transfer.growth.wanted() == 3);
  transfer.runTrial(310 * kMiB);
  CHECK(transfer.growth.wanted() == 2);
  transfer.run(10 * kj::SECONDS, 310 * kMiB);
  CHECK(transfer.growth.wanted() == 2);  // it is never tried again
}

TEST_CASE("near by there are never more streams than there may be") {
  Transfer transfer(2);
  transfer.growth.roundTripIs(kNear);
  transfer.growth.asked(kMiB);
  transfer.runTrial(100 * kMiB);
  REQUIRE(transfer.growth.wanted() == 2);
  transfer.run(10 * kj::SECONDS, 500 * kMiB);
  CHECK(transfer.growth.wanted() == 2);
}

TEST_CASE("a trial ends after enough bytes, or after enough time") {
  Transfer slow(8);
  slow.growth.roundTripIs(kNear);
  slow.growth.asked(kMiB);
  slow.run(StreamGrowth::kTrialTime, 10 * kMiB);
  CHECK(slow.growth.wanted() == 1);
  slow.run(150 * kj::MILLISECONDS, 10 * kMiB);
  CHECK(slow.growth.wanted() == 2);

  Transfer fast(8);
  fast.growth.roundTripIs(kNear);
  fast.growth.asked(kMiB);
  for (int i = 0; i < 64; ++i, fast.now += 1 * kj::MILLISECONDS) fast.growth.moved(kMiB, fast.now);
  CHECK(fast.growth.wanted() == 1);  // the first bytes begin the trial, and do not count
  fast.growth.moved(kMiB, fast.now);
  CHECK(fast.growth.wanted() == 2);
}

TEST_CASE("a trial in which nothing came for long is begun anew") {
  Transfer transfer(8);
  transfer.growth.roundTripIs(kNear);
  transfer.growth.asked(kMiB);
  transfer.runTrial(200 * kMiB);
  REQUIRE(transfer.growth.wanted() == 2);
  transfer.run(100 * kj::MILLISECONDS, 400 * kMiB);
  transfer.now += 1 * kj::MINUTES;
  transfer.run(50 * kj::MILLISECONDS, 400 * kMiB);
  CHECK(transfer.growth.wanted() == 2);  // it is not said to be slow
  transfer.runTrial(400 * kMiB);
  CHECK(transfer.growth.wanted() == 3);
}

TEST_CASE("a stream is judged only once it is there") {
  Transfer transfer(8);
  transfer.growth.roundTripIs(kNear);
  transfer.growth.asked(kMiB);
  transfer.runTrial(200 * kMiB);
  REQUIRE(transfer.growth.wanted() == 2);
  transfer.growth.working(1);
  for (int i = 0; i < 1000; ++i, transfer.now += 10 * kj::MILLISECONDS) transfer.growth.moved(kMiB, transfer.now);
  CHECK(transfer.growth.wanted() == 2);
  transfer.runTrial(300 * kMiB);
  CHECK(transfer.growth.wanted() == 3);
}

TEST_CASE("a stream that cannot be had is one less, and no other is tried") {
  StreamGrowth far(8);
  far.roundTripIs(50 * kj::MILLISECONDS);
  far.asked(kMiB);
  for (int i = 0; i < 10; ++i) far.refused();
  CHECK(far.wanted() == 1);

  Transfer near(8);
  near.growth.roundTripIs(kNear);
  near.growth.asked(kMiB);
  near.runTrial(200 * kMiB);
  REQUIRE(near.growth.wanted() == 2);
  near.growth.refused();
  near.run(10 * kj::SECONDS, 500 * kMiB);
  CHECK(near.growth.wanted() == 1);
}

}  // namespace
}  // namespace cbs::core
