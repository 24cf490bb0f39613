#include "agentd/telemetry/health.h"

#include "tests/unit/telemetry/health_signs.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::telemetry {
namespace {

using Codes = std::vector<std::string_view>;

constexpr uint64_t kNoon = 1'700'000'000'000;  // a time of day

// The machine has run for a day.
Moment at(uint64_t ms) { return {.timeOfDayMs = kNoon + ms, .bootMs = 86'400'000 + ms}; }

Codes codesOf(const std::vector<Condition>& conditions) {
  Codes codes;
  for (const Condition& condition : conditions) codes.push_back(condition.code);
  return codes;
}

struct Patient {
  // What holds then.
  Codes codes(uint64_t ms) {
    news = health.update(figures, at(ms));
    return codesOf(health.conditions());
  }

  HealthFigures figures = atEase();
  Health health;
  Health::News news;
};

TEST_CASE("a daemon at ease has no conditions, and there is no news") {
  Patient patient;
  CHECK(patient.codes(0).empty());
  CHECK(patient.news.begun.empty());
  CHECK(patient.news.ended.empty());
  CHECK(worst(patient.health.conditions()) == Severity::HEALTHY);
}

TEST_CASE("a daemon that drains is down, whatever else there is") {
  Patient patient;
  patient.figures.breakersOpen = 3;
  patient.codes(0);
  CHECK(worst(patient.health.conditions()) == Severity::DEGRADED);
  patient.figures.draining = true;
  CHECK(patient.codes(1) == Codes{"draining", "breakersOpen"});
  CHECK(worst(patient.health.conditions()) == Severity::DOWN);
}

TEST_CASE("a condition keeps the time since which it holds, and its figures are of now") {
  Patient patient;
  patient.figures.breakersOpen = 1;
  patient.codes(100);
  patient.figures.breakersOpen = 2;
  patient.figures.connections = 900;
  CHECK(patient.codes(5100) == Codes{"poolNearlyFull", "breakersOpen"});
  const auto& conditions = patient.health.conditions();
  CHECK(conditions[0].sinceMs == kNoon + 5100);
  CHECK(conditions[1].sinceMs == kNoon + 100);
  CHECK(conditions[1].text.starts_with("2 hosts"));
}

TEST_CASE("a condition that comes back within ten seconds holds since it came first, and is no news") {
  Patient patient;
  patient.figures.breakersOpen = 1;
  patient.codes(0);
  CHECK(codesOf(patient.news.begun) == Codes{"breakersOpen"});
  patient.figures.breakersOpen = 0;
  CHECK(patient.codes(5000).empty());
  CHECK(patient.news.ended.empty());
  patient.figures.breakersOpen = 1;
  CHECK(patient.codes(14'999) == Codes{"breakersOpen"});
  CHECK(patient.news.begun.empty());
  CHECK(patient.health.conditions()[0].sinceMs == kNoon);
}

TEST_CASE("a condition that stays away for ten seconds has ended, and starts anew when it comes back") {
  Patient patient;
  patient.figures.breakersOpen = 1;
  patient.codes(0);
  patient.figures.breakersOpen = 0;
  patient.codes(5000);
  SECTION("which is seen while it is away") {
    patient.codes(15'000);
    CHECK(codesOf(patient.news.ended) == Codes{"breakersOpen"});
    patient.codes(20'000);
    CHECK(patient.news.ended.empty());
  }
  SECTION("and when it is seen only then") {}
  patient.figures.breakersOpen = 1;
  patient.codes(25'000);
  CHECK(codesOf(patient.news.begun) == Codes{"breakersOpen"});
  CHECK(patient.health.conditions()[0].sinceMs == kNoon + 25'000);
}

TEST_CASE("a figure that moves about its limit makes no condition that comes and goes") {
  Patient patient;
  size_t begun = 0, ended = 0;
  for (uint64_t i = 0; i < 100; ++i) {
    patient.figures.connections = i % 2 == 0 ? 800 : 760;
    CHECK(patient.codes(i * 20'000) == Codes{"poolNearlyFull"});
    begun += patient.news.begun.size();
    ended += patient.news.ended.size();
  }
  CHECK(begun == 1);
  CHECK(ended == 0);
  CHECK(patient.health.conditions()[0].sinceMs == kNoon);
}

TEST_CASE("refusals make a condition for a minute") {
  Patient patient;
  patient.codes(0);
  patient.figures.rejected = 3;
  CHECK(patient.codes(5000) == Codes{"queueRejecting"});
  CHECK(patient.health.conditions()[0].text.find(" 3 commands") != std::string::npos);
  patient.figures.rejected = 5;
  patient.codes(30'000);
  CHECK(patient.health.conditions()[0].text.find(" 5 commands") != std::string::npos);
  CHECK(patient.codes(65'000) == Codes{"queueRejecting"});
  CHECK(patient.health.conditions()[0].text.find(" 2 commands") != std::string::npos);
  CHECK(patient.codes(90'000).empty());
}

TEST_CASE("logins without keys make a condition for five minutes") {
  Patient patient;
  patient.figures.keyFailures.agentUnavailable = 1;
  CHECK(patient.codes(0) == Codes{"keysMissing"});
  patient.figures.keyFailures.noKey = 1;
  CHECK(patient.codes(200'000) == Codes{"keysMissing"});
  CHECK(patient.codes(499'999) == Codes{"keysMissing"});
  CHECK(patient.health.conditions()[0].text.find("ssh-agent") == std::string::npos);
  CHECK(patient.codes(500'000).empty());
}

TEST_CASE("a clock that was set makes a condition for five minutes, and what holds already does so as long as before") {
  Patient patient;
  patient.figures.breakersOpen = 1;
  patient.codes(0);
  Moment set = at(60'000);
  constexpr uint64_t kHourMs = 3'600'000;
  set.timeOfDayMs += kHourMs;
  patient.health.update(patient.figures, set);
  CHECK(codesOf(patient.health.conditions()) == Codes{"breakersOpen", "clockJumped"});
  CHECK(patient.health.conditions()[0].sinceMs == kNoon + kHourMs);
  CHECK(patient.health.conditions()[1].sinceMs == set.timeOfDayMs);
  set.timeOfDayMs += 300'000;
  set.bootMs += 300'000;
  patient.health.update(patient.figures, set);
  CHECK(codesOf(patient.health.conditions()) == Codes{"breakersOpen"});
}

}  // namespace
}  // namespace cbs::telemetry
