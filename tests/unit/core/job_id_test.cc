#include "agentd/core/job_id.h"

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <set>

namespace cbs::core {
namespace {

constexpr uint64_t kNowMs = 1'700'000'000'000;

// A clock that stands, goes, leaps in both directions, and now and then says nonsense.
uint64_t moved(uint64_t nowMs, std::mt19937_64& random) {
  switch (random() % 8) {
    case 0:
      return nowMs + random() % 10'000;
    case 1:
      return nowMs - random() % 10'000;
    case 2:
      return nowMs + 1;
    case 3:
      return random() % 2 == 0 ? 0 : kNowMs;
    default:
      return nowMs;
  }
}

TEST_CASE("ids ascend and are unique, whatever the clock does") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20; ++round) {
    JobIds ids;
    std::string last;
    uint64_t now = kNowMs;
    for (int i = 0; i < 5'000; ++i) {
      now = moved(now, random);
      std::string id = ids.next(now, random() % 4 == 0 ? UINT64_MAX : random());
      REQUIRE(looksLikeJobId(id));
      REQUIRE(id > last);
      last = id;
    }
  }
}

TEST_CASE("ids of different makers sort by time") {
  JobIds one;
  JobIds other;
  REQUIRE(one.next(kNowMs, UINT64_MAX) < other.next(kNowMs + 1, 0));
  REQUIRE(one.next(kNowMs + 3, 0) > other.next(kNowMs + 2, UINT64_MAX));
}

TEST_CASE("ids of different makers in one millisecond differ by chance") {
  std::mt19937_64 random(3);
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    JobIds ids;
    seen.insert(ids.next(kNowMs, random()));
  }
  REQUIRE(seen.size() >= 998);  // two of a thousand are the same in one of two thousand cases
}

TEST_CASE("an id is the time and the random number in base32") {
  JobIds ids;
  REQUIRE(ids.next(0x0123456789ab, 0x3fffffff) == "014d2pf2dbzzzzzz");
  JobIds others;
  REQUIRE(others.next(1, 33) == "0000000001000011");
}

TEST_CASE("an id after the last one of a millisecond takes the next millisecond") {
  JobIds ids;
  REQUIRE(ids.next(5, UINT64_MAX) == "0000000005zzzzzz");
  REQUIRE(ids.next(5, 17) == "0000000006000000");
}

TEST_CASE("ids follow the youngest there is, also when the clock went back") {
  JobIds before;
  std::string youngest = before.next(kNowMs, 99);
  JobIds ids;
  ids.follow(youngest);
  std::string next = ids.next(kNowMs - 5'000'000, 1);
  REQUIRE(next > youngest);
  ids.follow(youngest);
  REQUIRE(ids.next(0, 0) > next);
}

TEST_CASE("what is no id is not followed") {
  JobIds ids;
  for (const char* text : {"", "nonsense", "zzzzzzzzzzzzzzzz", "0000000005zzzzzzz", "7ZZZZZZZZZZZZZZZ"})
    ids.follow(text);
  REQUIRE(ids.next(1, 0) == "0000000001000000");
}

TEST_CASE("a time beyond 48 bits is not believed") {
  JobIds ids;
  ids.next(5, 7);
  REQUIRE(ids.next(UINT64_MAX, 0) == "0000000005000008");
  REQUIRE(ids.next(uint64_t{1} << 48, 0) == "0000000005000009");
  REQUIRE(ids.next((uint64_t{1} << 48) - 1, 0) == "7zzzzzzzzz000000");
}

TEST_CASE("names that people choose do not look like ids") {
  for (const char* name :
       {"", "nightly-backup-1", "0123456789abcde", "0123456789abcdefg", "0123456789ABCDEF", "0123456789abcdei",
        "0123456789abcdel", "0123456789abcdeo", "0123456789abcdeu", "8123456789abcdef", "012345678_abcdef"}) {
    CAPTURE(name);
    REQUIRE_FALSE(looksLikeJobId(name));
  }
  REQUIRE_FALSE(looksLikeJobId(std::string_view("0123456789abcde\0", 16)));
  REQUIRE(looksLikeJobId("0123456789abcdef"));
}

}  // namespace
}  // namespace cbs::core
