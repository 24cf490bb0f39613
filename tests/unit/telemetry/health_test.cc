#include "agentd/telemetry/health.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::telemetry {
namespace {

const HealthFigures kGood{.openDescriptors = 10,
                          .maxDescriptors = 1000,
                          .queueDepth = 0,
                          .queueCapacity = 1000,
                          .connections = 5,
                          .maxConnections = 1000,
                          .loopLagP99Us = 900};

std::vector<std::string_view> codes(const HealthFigures& figures) {
  std::vector<std::string_view> result;
  for (const Condition& condition : judge(figures)) result.push_back(condition.code);
  return result;
}

TEST_CASE("a daemon at ease has no conditions") {
  REQUIRE(judge(kGood).empty());
  REQUIRE(judge({}).empty());
  REQUIRE(worst({}) == Severity::HEALTHY);
}

TEST_CASE("each figure has its own condition, from its threshold on") {
  using Codes = std::vector<std::string_view>;
  HealthFigures figures = kGood;
  SECTION("descriptors") {
    figures.openDescriptors = 799;
    REQUIRE(codes(figures).empty());
    figures.openDescriptors = 800;
    REQUIRE(codes(figures) == Codes{"descriptorsNearlyUsed"});
  }
  SECTION("the queue") {
    figures.queueDepth = 800;
    REQUIRE(codes(figures) == Codes{"queueNearlyFull"});
  }
  SECTION("the pool") {
    figures.connections = 1000;
    REQUIRE(codes(figures) == Codes{"poolNearlyFull"});
  }
  SECTION("the loop") {
    figures.loopLagP99Us = 50'000;
    REQUIRE(codes(figures) == Codes{"loopLag"});
  }
  SECTION("breakers") {
    figures.breakersOpen = 1;
    REQUIRE(codes(figures) == Codes{"breakersOpen"});
  }
  SECTION("the journal of jobs") {
    figures.journalFault = "jobs.db is damaged";
    REQUIRE(codes(figures) == Codes{"journalUnavailable"});
    REQUIRE(judge(figures).front().text.find("jobs.db is damaged") != std::string::npos);
  }
  REQUIRE(worst(judge(figures)) == Severity::DEGRADED);
}

TEST_CASE("a daemon that drains is down, whatever else there is") {
  HealthFigures figures = kGood;
  figures.draining = true;
  figures.breakersOpen = 3;
  REQUIRE(codes(figures) == std::vector<std::string_view>{"draining", "breakersOpen"});
  REQUIRE(worst(judge(figures)) == Severity::DOWN);
}

TEST_CASE("a condition says what is and what to do") {
  HealthFigures figures = kGood;
  figures.openDescriptors = 900;
  REQUIRE(judge(figures)[0].text ==
          "900 of 1000 file descriptors are in use; raise the limit (ulimit -n, LimitNOFILE=) and restart the daemon");
  figures = kGood;
  figures.breakersOpen = 1;
  REQUIRE(judge(figures)[0].text.starts_with("1 host is left alone"));
}

TEST_CASE("a condition keeps the time since which it holds, and starts anew when it comes back") {
  Health health;
  HealthFigures bad = kGood;
  bad.breakersOpen = 1;
  REQUIRE(health.update(bad, 100)[0].sinceMs == 100);
  bad.draining = true;
  const auto& both = health.update(bad, 200);
  REQUIRE(both.size() == 2);
  REQUIRE(both[0].sinceMs == 200);
  REQUIRE(both[1].sinceMs == 100);
  REQUIRE(health.update(kGood, 300).empty());
  REQUIRE(health.update(bad, 400)[1].sinceMs == 400);
}

}  // namespace
}  // namespace cbs::telemetry
