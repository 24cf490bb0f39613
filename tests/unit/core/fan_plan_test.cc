#include "agentd/core/fan_plan.h"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

namespace cbs::core {
namespace {

const kj::TimePoint kStart = kj::origin<kj::TimePoint>() + 1 * kj::HOURS;

// A plan, and what it has come to.
struct Course {
  explicit Course(FanLimits limits) : plan(limits) {}

  // How many begin now.
  uint32_t begin() {
    uint32_t count = 0;
    for (;;) {
      auto host = plan.next(now);
      KJ_IF_MAYBE (place, host) {
        CHECK(*place == last++);
        ++count;
      } else {
        return count;
      }
    }
  }
  void end(unsigned count, bool failed = false) {
    while (count-- > 0) plan.ended(failed);
  }
  // Milliseconds from now until it is to be asked again; -1: not for time's sake.
  int64_t wait() const {
    auto due = plan.due();
    KJ_IF_MAYBE (at, due) {
      return (*at - now) / kj::MILLISECONDS;
    }
    return -1;
  }

  FanPlan plan;
  kj::TimePoint now = kStart;
  uint32_t last = 0;
};

TEST_CASE("hosts of a fan-out begin in order, as many at once as may") {
  Course course({.hosts = 5, .atOnce = 2});
  CHECK(course.begin() == 2);
  CHECK(course.wait() == -1);
  course.end(1);
  CHECK(course.begin() == 1);
  course.end(2);
  CHECK(course.begin() == 2);
  CHECK_FALSE(course.plan.over());
  course.end(2);
  CHECK(course.plan.over());
  CHECK(course.plan.stopped() == FanStop::NONE);
}

TEST_CASE("a batch of a fan-out begins when the one before it has ended as a whole") {
  struct Row {
    FanLimits limits;
    std::vector<uint32_t> begins;  // each time when all that runs has ended
  };
  const std::vector<Row> rows = {
      {{.hosts = 7, .atOnce = 100, .batch = 3}, {3, 3, 1}}, {{.hosts = 6, .atOnce = 100, .batch = 3}, {3, 3}},
      {{.hosts = 3, .atOnce = 100, .batch = 10}, {3}},      {{.hosts = 5, .atOnce = 2, .batch = 3}, {2, 1, 2}},
      {{.hosts = 3, .atOnce = 1, .batch = 1}, {1, 1, 1}},
  };
  for (const auto& row : rows) {
    Course course(row.limits);
    for (uint32_t expected : row.begins) {
      CHECK(course.begin() == expected);
      course.end(expected);
    }
    CHECK(course.plan.over());
  }

  Course course({.hosts = 6, .atOnce = 100, .batch = 3});
  CHECK(course.begin() == 3);
  course.end(2);
  CHECK(course.begin() == 0);
}

TEST_CASE("no host of a fan-out begins once too many have failed") {
  struct Row {
    uint32_t maxFailures;
    uint32_t failures;
    bool stops;
  };
  for (auto row : {Row{0, 0, false}, Row{0, 1, true}, Row{2, 2, false}, Row{2, 3, true}, Row{UINT32_MAX, 4, false}}) {
    Course course({.hosts = 100, .atOnce = 10, .maxFailures = row.maxFailures});
    course.begin();
    course.end(row.failures, true);
    CHECK(course.begin() == (row.stops ? 0 : row.failures));
    CHECK(course.plan.stopped() == (row.stops ? FanStop::FAILURES : FanStop::NONE));
    CHECK(course.plan.failed() == row.failures);
  }

  Course all({.hosts = 2, .atOnce = 2, .maxFailures = 0});
  all.begin();
  all.end(2, true);
  CHECK(all.plan.stopped() == FanStop::NONE);  // nobody was kept from anything
  CHECK(all.plan.over());
}

TEST_CASE("hosts of a fan-out, or batches, begin at a distance") {
  Course hosts({.hosts = 4, .atOnce = 2, .delay = 100 * kj::MILLISECONDS});
  CHECK(hosts.begin() == 1);
  CHECK(hosts.wait() == 100);
  hosts.now += 99 * kj::MILLISECONDS;
  CHECK(hosts.begin() == 0);
  hosts.now += 1 * kj::MILLISECONDS;
  CHECK(hosts.begin() == 1);
  CHECK(hosts.wait() == -1);  // two run
  hosts.now += 1 * kj::SECONDS;
  hosts.end(2);
  CHECK(hosts.begin() == 1);  // what was late is not caught up on

  Course batches({.hosts = 4, .atOnce = 9, .batch = 2, .delay = 100 * kj::MILLISECONDS});
  CHECK(batches.begin() == 2);
  CHECK(batches.wait() == -1);
  batches.end(2);
  CHECK(batches.begin() == 0);
  CHECK(batches.wait() == 100);
  batches.now += 100 * kj::MILLISECONDS;
  CHECK(batches.begin() == 2);
}

TEST_CASE("at its deadline a fan-out begins on no other host") {
  FanLimits limits{.hosts = 4, .atOnce = 1, .deadline = kStart + 1 * kj::SECONDS};
  Course course(limits);
  CHECK(course.begin() == 1);
  CHECK(course.wait() == 1000);
  course.now += 999 * kj::MILLISECONDS;
  course.end(1);
  CHECK(course.begin() == 1);
  course.now += 1 * kj::MILLISECONDS;
  CHECK(course.begin() == 0);
  CHECK(course.plan.stopped() == FanStop::DEADLINE);
  CHECK(course.wait() == -1);
  CHECK_FALSE(course.plan.over());
  course.end(1);
  CHECK(course.plan.over());

  limits.delay = 5 * kj::SECONDS;
  Course paced(limits);
  paced.begin();
  paced.end(1);
  CHECK(paced.wait() == 1000);

  Course begun({.hosts = 1, .atOnce = 1, .deadline = kStart + 1 * kj::SECONDS});
  begun.begin();
  CHECK(begun.wait() == -1);  // what runs has a limit of its own
  begun.now += 1 * kj::MINUTES;
  begun.begin();
  CHECK(begun.plan.stopped() == FanStop::NONE);
}

TEST_CASE("a fan-out that is stopped is over when nothing runs, and its first reason stays") {
  Course course({.hosts = 250'000, .atOnce = 3});
  course.begin();
  course.plan.stop(FanStop::CANCELLED);
  course.plan.stop(FanStop::DRAINING);
  course.end(1, true);
  CHECK(course.begin() == 0);
  CHECK(course.plan.waiting() == 0);
  CHECK_FALSE(course.plan.over());
  course.end(2);
  CHECK(course.plan.over());
  CHECK(course.plan.begun() == 3);
  CHECK(course.plan.stopped() == FanStop::CANCELLED);
}

}  // namespace
}  // namespace cbs::core
