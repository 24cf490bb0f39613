#include "agentd/telemetry/health_rules.h"

#include "tests/unit/telemetry/health_signs.h"

#include <catch2/catch_test_macros.hpp>

#include <vector>

namespace cbs::telemetry {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

// A figure's values: of a condition that does not begin, that begins, that goes on, and that ends.
template <typename Spoil>
void checkLimits(HealthCode code, Spoil spoil, std::vector<uint64_t> calm, std::vector<uint64_t> bad,
                 std::vector<uint64_t> stillBad, std::vector<uint64_t> over) {
  auto judged = [&](uint64_t value, bool already) {
    INFO(infoOf(code).name << " at " << value << (already ? " already" : ""));
    HealthSigns signs{.now = atEase()};
    spoil(signs, value);
    return holds(code, signs, already);
  };
  for (uint64_t value : calm) CHECK_FALSE(judged(value, false));
  for (uint64_t value : bad) CHECK(judged(value, false));
  for (uint64_t value : stillBad) CHECK(judged(value, true));
  for (uint64_t value : over) CHECK_FALSE(judged(value, true));
}

TEST_CASE("nothing holds of a daemon at ease, or of one whose limits are not known") {
  for (const HealthCodeInfo& info : kHealthCodes) {
    INFO(info.name);
    CHECK_FALSE(holds(info.code, {.now = atEase()}, false));
    CHECK_FALSE(holds(info.code, {.now = atEase()}, true));
    CHECK_FALSE(holds(info.code, {.now = {.openDescriptors = 5, .queueDepth = 5, .connections = 5}}, false));
  }
}

TEST_CASE("each code stands at its own place in the table, under a name of its own") {
  for (size_t i = 0; i < kHealthCodes.size(); ++i) {
    CHECK(static_cast<size_t>(kHealthCodes[i].code) == i);
    for (size_t j = 0; j < i; ++j) CHECK(kHealthCodes[i].name != kHealthCodes[j].name);
  }
  CHECK(infoOf(HealthCode::AUDIT_UNAVAILABLE).name == "auditUnavailable");
}

TEST_CASE("what is nearly used up begins at four fifths and ends below three quarters") {
  auto descriptors = [](HealthSigns& signs, uint64_t value) {
    signs.now.openDescriptors = static_cast<uint32_t>(value);
  };
  checkLimits(HealthCode::DESCRIPTORS_NEARLY_USED, descriptors, {0, 799}, {800, 1000}, {750, 800}, {749, 0});
  auto queue = [](HealthSigns& signs, uint64_t value) { signs.now.queueDepth = static_cast<uint32_t>(value); };
  checkLimits(HealthCode::QUEUE_NEARLY_FULL, queue, {0, 799}, {800, 1000}, {750, 800}, {749, 0});
  auto pool = [](HealthSigns& signs, uint64_t value) { signs.now.connections = static_cast<uint32_t>(value); };
  checkLimits(HealthCode::POOL_NEARLY_FULL, pool, {0, 799}, {800, 1000}, {750, 800}, {749, 0});
}

TEST_CASE("a late loop begins at 50 ms and ends below 40") {
  auto lag = [](HealthSigns& signs, uint64_t value) { signs.now.loopLagP99Us = value; };
  checkLimits(HealthCode::LOOP_LAG, lag, {0, 49'999}, {50'000, 9'000'000}, {40'000}, {39'999});
}

TEST_CASE("a disk is nearly full below 5 % of its size, and below 100 MiB of whatever size") {
  auto large = [](HealthSigns& signs, uint64_t mib) { signs.now.disk = {mib * kMiB, 100'000 * kMiB}; };
  checkLimits(HealthCode::JOURNAL_NEARLY_FULL, large, {100'000, 5000}, {4999, 0}, {5999}, {6000, 100'000});
  auto small = [](HealthSigns& signs, uint64_t mib) { signs.now.disk = {mib * kMiB, 500 * kMiB}; };
  checkLimits(HealthCode::JOURNAL_NEARLY_FULL, small, {500, 100}, {99, 0}, {119}, {120, 500});
}

TEST_CASE("the output of jobs is too much from 90 % of what may be kept on, until it is below 80") {
  auto output = [](HealthSigns& signs, uint64_t percent) {
    signs.now.maxJobOutputBytes = 1000;
    signs.now.jobOutputBytes = percent * 10;
  };
  checkLimits(HealthCode::JOURNAL_NEARLY_FULL, output, {0, 89}, {90, 100}, {80}, {79});
}

TEST_CASE("a queue that has refused is told of, unless the daemon drains, when it refuses all") {
  auto rejected = [](HealthSigns& signs, uint64_t value) { signs.rejectedLately = value; };
  checkLimits(HealthCode::QUEUE_REJECTING, rejected, {0}, {1, 500}, {1}, {0});
  HealthSigns draining{.now = atEase(), .rejectedLately = 7};
  draining.now.draining = true;
  CHECK_FALSE(holds(HealthCode::QUEUE_REJECTING, draining, true));
  CHECK(holds(HealthCode::DRAINING, draining, false));
}

TEST_CASE("what is wrong at all has no limit") {
  auto check = [](HealthCode code, auto spoil) {
    HealthSigns signs{.now = atEase()};
    spoil(signs);
    INFO(infoOf(code).name);
    CHECK(holds(code, signs, false));
  };
  check(HealthCode::BREAKERS_OPEN, [](auto& signs) { signs.now.breakersOpen = 1; });
  check(HealthCode::JOURNAL_UNAVAILABLE, [](auto& signs) { signs.now.journalFault = "damaged"; });
  check(HealthCode::HTTP_UNAVAILABLE, [](auto& signs) { signs.now.httpFault = "taken"; });
  check(HealthCode::LOG_UNAVAILABLE, [](auto& signs) { signs.now.logFault = "no space"; });
  check(HealthCode::AUDIT_UNAVAILABLE, [](auto& signs) { signs.now.auditFault = "no space"; });
  check(HealthCode::KEYS_MISSING, [](auto& signs) { signs.keyFailuresLately.noKey = 1; });
  check(HealthCode::KEYS_MISSING, [](auto& signs) { signs.keyFailuresLately.agentUnavailable = 1; });
  check(HealthCode::KEYS_MISSING, [](auto& signs) { signs.keyFailuresLately.nobodyToAsk = 1; });
  check(HealthCode::CLOCK_JUMPED, [](auto& signs) { signs.clockJump = ClockJump{3000, 0}; });
}

}  // namespace
}  // namespace cbs::telemetry
