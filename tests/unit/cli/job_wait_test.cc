#include "cli/jobs/job_wait.h"

#include "tests/unit/cli/fake_jobs.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using Awaited = schema::Agent::AwaitJobsParams::Reader;
using Answer = schema::Agent::AwaitJobsResults::Builder;
using Waiting = kj::Promise<Expected<KnownJobs>>;

// A wait for `backup`, whose id is `one`.
struct Wait {
  Wait() {
    daemon.script.awaitJobs = [this](Awaited asked, Answer to) -> kj::Promise<void> {
      std::string words;
      for (auto job : asked.getJobs()) words += std::string(job.cStr()) + " ";
      questions.push_back(words + std::to_string(asked.getWaitMs()));
      auto job = to.initJobs(1)[0];
      describeEnded(job, "one", 3);
      if (asked.getWaitMs() == 0 && !endedAtOnce) {
        job.setState(schema::JobState::RUNNING);
        return kj::READY_NOW;
      }
      to.setDone(true);
      if (polls++ < hangs) return kj::NEVER_DONE;
      return kj::READY_NOW;
    };
  }

  FakeJobDaemon daemon;
  std::vector<std::string> questions;
  unsigned polls = 0;
  unsigned hangs = 0;  // how many polls get no answer
  bool endedAtOnce = false;
  LastingConnection connection{daemon.loop(), daemon.connect(), [this]() { return daemon.reconnect(); }};
  JobWait wait{connection, {"backup"}, false};
};

TEST_CASE("a name is looked up once, and what has it then is waited for by its id") {
  Wait w;
  auto known = w.wait.untilEnd().promise().wait(w.daemon.io.waitScope);
  REQUIRE(known.has_value());
  CHECK(known->list()[0].getOutcome().getState().getExited() == 3);
  CHECK(w.questions == std::vector<std::string>{"backup 0", "one 60000"});
  CHECK(w.wait.jobs() == std::vector<std::string>{"one"});
}

TEST_CASE("a job that has ended already is told without a wait") {
  Wait w;
  w.endedAtOnce = true;
  REQUIRE(w.wait.untilEnd().promise().wait(w.daemon.io.waitScope).has_value());
  CHECK(w.questions == std::vector<std::string>{"backup 0"});
}

TEST_CASE("waiting goes on by id with the daemon that comes after, however often that is") {
  Wait w;
  w.hangs = 2;
  Waiting end = w.wait.untilEnd();
  for (unsigned round = 1; round <= 2; ++round) {
    CHECK_FALSE(w.daemon.settle(end));
    REQUIRE(w.polls == round);
    w.daemon.connections.drop();
    w.daemon.settle(end);
    w.daemon.turnClock(1 * kj::SECONDS);  // a second connection without an answer is no hurry
  }
  REQUIRE(end.wait(w.daemon.io.waitScope).has_value());
  CHECK(w.daemon.connects == 2);
  CHECK(w.questions == std::vector<std::string>{"backup 0", "one 60000", "one 60000", "one 60000"});
}

TEST_CASE("a daemon that is away for a moment is waited for, and one that stays away is given up") {
  for (bool comesBack : {true, false}) {
    Wait w;
    w.hangs = 1;
    Waiting end = w.wait.untilEnd();
    CHECK_FALSE(w.daemon.settle(end));
    w.daemon.away = 1;
    w.daemon.connections.drop();
    CHECK_FALSE(w.daemon.settle(end));
    CHECK(w.daemon.connects == 1);
    if (comesBack) w.daemon.away = 0;
    for (int i = 0; i < 60 && !w.daemon.settle(end); ++i) w.daemon.turnClock(250 * kj::MILLISECONDS);
    auto known = end.wait(w.daemon.io.waitScope);
    CHECK(known.has_value() == comesBack);
    if (!known) CHECK(known.error().reason == Reason::NOT_RUNNING);
    CHECK(w.daemon.connects == (comesBack ? 2 : 40));
  }
}

TEST_CASE("daemons that die of the question are given up") {
  Wait w;
  w.hangs = 1000;
  Waiting end = w.wait.untilEnd();
  for (int i = 0; i < 60 && !w.daemon.settle(end); ++i) {
    w.daemon.connections.drop();
    w.daemon.settle(end);
    w.daemon.turnClock(1 * kj::SECONDS);
  }
  auto known = end.wait(w.daemon.io.waitScope);
  REQUIRE_FALSE(known.has_value());
  CHECK(known.error().kind == ErrorKind::AGENT_UNREACHABLE);
  CHECK(w.daemon.connects == 40);
}

TEST_CASE("a daemon that cannot be started, or that will not have us, is not tried again") {
  for (bool refuses : {true, false}) {
    Wait w;
    w.hangs = 1;
    Waiting end = w.wait.untilEnd();
    CHECK_FALSE(w.daemon.settle(end));
    w.daemon.refuses = refuses;
    w.daemon.away = refuses ? 0 : 1;
    w.daemon.whyAway = Reason::AUTOSTART_FAILED;
    w.daemon.connections.drop();
    auto known = end.wait(w.daemon.io.waitScope);
    REQUIRE_FALSE(known.has_value());
    CHECK(known.error().kind == ErrorKind::AGENT_UNREACHABLE);
    CHECK(known.error().reason == (refuses ? Reason::VERSION_MISMATCH : Reason::AUTOSTART_FAILED));
    CHECK(w.daemon.connects == 1);
  }
}

TEST_CASE("a daemon that is of another version from the start is told as such") {
  FakeJobDaemon daemon;
  daemon.refuses = true;
  LastingConnection connection(daemon.loop(), daemon.connect(), [&]() { return daemon.reconnect(); });
  auto known = JobWait(connection, {"x"}, false).look().promise().wait(daemon.io.waitScope);
  CHECK(known.error().reason == Reason::VERSION_MISMATCH);
  CHECK(daemon.connects == 0);
}

TEST_CASE("a daemon that stops answering does not hold us for ever") {
  Wait w;
  w.hangs = 1;
  Waiting end = w.wait.untilEnd();
  CHECK_FALSE(w.daemon.settle(end));
  w.daemon.turnClock(69 * kj::SECONDS);
  CHECK_FALSE(w.daemon.settle(end));
  w.daemon.turnClock(2 * kj::SECONDS);
  auto known = end.wait(w.daemon.io.waitScope);
  CHECK(known.error().kind == ErrorKind::AGENT_UNREACHABLE);
  CHECK(w.daemon.connects == 0);
}

TEST_CASE("a daemon from before there were jobs is one of another version, and is not asked again") {
  FakeJobDaemon daemon;
  LastingConnection connection(daemon.loop(), daemon.connect(), [&]() { return daemon.reconnect(); });
  auto known = JobWait(connection, {"x"}, false).look().promise().wait(daemon.io.waitScope);
  CHECK(known.error().reason == Reason::VERSION_MISMATCH);
  CHECK(known.error().fact("pid") == "4711");
  CHECK(daemon.connects == 0);
}

TEST_CASE("a job that is not there ends the wait") {
  Wait w;
  w.daemon.script.awaitJobs = [](Awaited, Answer to) -> kj::Promise<void> {
    encode(Error{ErrorKind::USAGE, Reason::JOB_NOT_FOUND, "", {{"job", "backup"}}}, to.initError());
    return kj::READY_NOW;
  };
  auto known = w.wait.untilEnd().promise().wait(w.daemon.io.waitScope);
  CHECK(known.error().reason == Reason::JOB_NOT_FOUND);
  CHECK(known.error().fact("job") == "backup");
}

TEST_CASE("the first that ended is told by its time, whatever the order is") {
  capnp::MallocMessageBuilder message;
  auto answer = message.initRoot<schema::Agent::AwaitJobsResults>();
  auto jobs = answer.initJobs(3);
  jobs[0].setId("runs");
  jobs[0].setState(schema::JobState::RUNNING);
  describeEnded(jobs[1], "late", 0, 2000);
  describeEnded(jobs[2], "early", 0, 1000);
  KnownJobs known{capnp::clone(answer.asReader())};
  CHECK(kj::str(KJ_ASSERT_NONNULL(firstEnded(known)).getId()) == "early");
  jobs[1].setState(schema::JobState::QUEUED);
  jobs[2].setState(schema::JobState::QUEUED);
  CHECK(firstEnded(KnownJobs{capnp::clone(answer.asReader())}) == nullptr);
}

}  // namespace
}  // namespace cbs::cli
