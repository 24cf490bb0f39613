// Jobs through the client library.
#include "tests/unit/client/client_world.h"

#include <algorithm>

namespace cbs::client {
namespace {

using cbsession::ErrorKind;
using cbsession::State;

// Tells that every job that is asked for has ended, with its number (`job-7`) as its status.
kj::Promise<void> allEnded(FakeAgent::Await context) {
  auto jobs = context.getParams().getJobs();
  auto results = context.getResults();
  results.setDone(true);
  auto infos = results.initJobs(jobs.size());
  for (unsigned i = 0; i < jobs.size(); ++i) {
    infos[i].setId(jobs[i]);
    infos[i].setState(schema::JobState::ENDED);
    infos[i].initOutcome().getState().setExited(atoi(jobs[i].cStr() + 4));
  }
  return kj::READY_NOW;
}

// Answers a wait's first question: `names` are this job's, and it runs.
void tellRunning(FakeAgent::Await context, const char* id) {
  auto job = context.getResults().initJobs(1)[0];
  job.setId(id);
  job.setState(schema::JobState::RUNNING);
}

TEST_CASE("a job is handed over with all that it has") {
  World world;
  std::string told;
  FakeDaemon daemon(world.socket, {.submit = [&](FakeAgent::Submit context) {
                      auto job = context.getParams().getRequest();
                      told = kj::str(job.getExec().getTarget(), " ",
                                     textOf(job.getExec().getSpec().getCommand().getLine()).c_str(), " ", job.getName(),
                                     " ", job.getLabels()[0].getName(), "=", job.getLabels()[0].getValue(), " ",
                                     job.getAfter()[1], " ", job.getAfterAny()[0], " ", job.getIdempotencyKey(), " ",
                                     job.getDeadlineMs())
                                 .cStr();
                      context.getResults().setId("0123456789abcdef");
                      return kj::READY_NOW;
                    }});
  auto id = soon(world.client.submit({.command = {.target = "web1", .line = "make"},
                                      .name = "build",
                                      .labels = {{"team", "x"}},
                                      .after = {"a", "b"},
                                      .afterAny = {"c"},
                                      .idempotencyKey = "once",
                                      .deadline = std::chrono::minutes(1)}));
  CHECK(id == "0123456789abcdef");
  CHECK(told == "web1 make build team=x b c once 60000");
}

TEST_CASE("what the daemon refuses is an Error with kind, reason and facts") {
  World world;
  auto refuse = [](auto context) {
    encode(Error{cbs::ErrorKind::USAGE, Reason::JOB_NOT_FOUND, "none"}.with("job", "x"),
           context.getResults().initError());
    return kj::READY_NOW;
  };
  FakeDaemon daemon(world.socket,
                    {.submit = refuse, .jobs = refuse, .await = refuse, .readLog = refuse, .cancel = refuse});
  for (const auto& failure :
       {failureOf(world.client.submit({})), failureOf(world.client.jobs()), failureOf(world.client.wait("x")),
        failureOf(world.client.log("x")), failureOf(world.client.cancel("x"))}) {
    CHECK(failure.kind == ErrorKind::usage);
    CHECK(failure.reason == "jobNotFound");
    CHECK(failure.fact("job") == "x");
  }
}

TEST_CASE("jobs are told with all that is known of them") {
  World world;
  FakeDaemon daemon(world.socket, {.jobs = [](FakeAgent::Jobs context) {
                      auto filter = context.getParams().getFilter();
                      auto results = context.getResults();
                      auto job = results.initJobs(1)[0];
                      job.setName(kj::str(filter.getTarget(), filter.getStates().size(), filter.getLimit()));
                      job.initLabels(1)[0].setName("team");
                      job.setState(filter.getStates()[0]);
                      job.setSubmittedMs(1500);
                      job.setAttempts(2);
                      results.setMore(true);
                      return kj::READY_NOW;
                    }});
  auto list = soon(world.client.jobs({.states = {cbsession::JobState::running}, .target = "web1", .limit = 7}));
  CHECK(list.more);
  REQUIRE(list.jobs.size() == 1);
  const auto& job = list.jobs[0];
  CHECK(job.name == "web117");
  CHECK(job.labels.contains("team"));
  CHECK(job.state == cbsession::JobState::running);
  CHECK(job.submitted == std::chrono::system_clock::time_point(std::chrono::milliseconds(1500)));
  CHECK_FALSE(job.ended.has_value());
  CHECK(job.attempts == 2);
}

TEST_CASE("cancel tells what it met") {
  World world;
  FakeDaemon daemon(world.socket, {.cancel = [](FakeAgent::Cancel context) {
                      auto job = context.getParams().getJobs()[0];
                      bool runs = job == kj::StringPtr("running");
                      context.getResults().initResults(1)[0].setWhat(runs ? schema::Cancelled::What::SIGNALLED
                                                                          : schema::Cancelled::What::REMOVED);
                      return kj::READY_NOW;
                    }});
  CHECK(soon(world.client.cancel("running")) == cbsession::Cancelled::signalled);
  CHECK(soon(world.client.cancel("waiting")) == cbsession::Cancelled::removed);
}

TEST_CASE("a wait asks again and again, by the id that a name had at first") {
  World world;
  std::vector<std::string> asked;
  FakeDaemon daemon(world.socket, {.await = [&](FakeAgent::Await context) -> kj::Promise<void> {
                      auto params = context.getParams();
                      asked.push_back(kj::str(params.getJobs()[0], " ", params.getWaitMs()).cStr());
                      if (asked.size() == 3) return allEnded(context);
                      tellRunning(context, "job-5");
                      return kj::READY_NOW;
                    }});
  auto job = soon(world.client.wait("name"));
  CHECK(job.id == "job-5");
  CHECK(job.outcome.exitCode == 5);
  CHECK(asked == std::vector<std::string>{"name 0", "job-5 60000", "job-5 60000"});
}

TEST_CASE("thousands of jobs are waited for, and told in their order") {
  World world;
  unsigned most = 0;
  FakeDaemon daemon(world.socket, {.await = [&](FakeAgent::Await context) {
                      most = std::max(most, context.getParams().getJobs().size());
                      return allEnded(context);
                    }});
  std::vector<std::string> jobs;
  jobs.reserve(2500);
  for (int i = 0; i < 2500; ++i) jobs.push_back("job-" + std::to_string(i));
  auto ended = soon(world.client.waitAll(jobs));
  REQUIRE(ended.size() == jobs.size());
  for (int i = 0; i < 2500; i += 100) CHECK(ended[static_cast<size_t>(i)].outcome.exitCode == i);
  CHECK(most == 1000);
  CHECK(soon(world.client.waitAll({})).empty());
}

// Answers a wait's first question with job-3, and tells of the second one, which it never answers.
FakeAgent::Script endsWhileAWaitIsUnderWay(std::promise<void>& second) {
  return {.await = [&second, asked = 0](FakeAgent::Await context) mutable -> kj::Promise<void> {
    if (++asked == 2) {
      second.set_value();
      return kj::NEVER_DONE;
    }
    tellRunning(context, "job-3");
    return kj::READY_NOW;
  }};
}

TEST_CASE("a wait goes on when the daemon is started again") {
  World world;
  std::promise<void> second;
  FakeDaemon daemon(world.socket, endsWhileAWaitIsUnderWay(second));
  auto wait = world.client.wait("name");
  soon(second.get_future());
  daemon.stop();
  FakeDaemon next(world.socket, {.await = allEnded});
  auto job = soon(wait);
  CHECK(job.id == "job-3");
  CHECK(job.outcome.state == State::exited);
  CHECK(job.outcome.exitCode == 3);
}

TEST_CASE("a wait gives up on a daemon that does not come back") {
  World world;
  std::promise<void> second;
  auto options = world.options();
  options.patience = std::chrono::milliseconds(10);
  cbsession::Client client(options);
  FakeDaemon daemon(world.socket, endsWhileAWaitIsUnderWay(second));
  auto wait = client.wait("name");
  soon(second.get_future());
  daemon.stop();
  auto failure = failureOf(wait);
  CHECK(failure.kind == ErrorKind::agentUnreachable);
  CHECK(failure.reason == "notRunning");
}

// A log in parts, of which each has a chunk of each stream: "out1", "err1", "out2", …
std::function<kj::Promise<void>(FakeAgent::ReadLog)> inParts(unsigned count) {
  return [count](FakeAgent::ReadLog context) -> kj::Promise<void> {
    auto params = context.getParams();
    auto log = context.getResults().initLog();
    auto number = params.getOffset() + 1;
    auto chunks = log.initChunks(2);
    chunks[0].setBytes(kj::str("out", number).asBytes());
    chunks[1].setBytes(kj::str("err", number).asBytes());
    chunks[1].setStream(schema::OutputStream::STDERR);
    log.setNext(number);
    log.setAttempt(1);
    log.setComplete(number == count);
    log.setDroppedBytes(9);
    return kj::READY_NOW;
  };
}

TEST_CASE("a log is put together from its parts") {
  World world;
  FakeDaemon daemon(world.socket, {.readLog = inParts(3)});
  auto log = soon(world.client.log("a"));
  CHECK(log.out == "out1out2out3");
  CHECK(log.err == "err1err2err3");
  CHECK(log.complete);
  CHECK_FALSE(log.truncated);
  CHECK(log.droppedBytes == 9);
  CHECK(log.attempt == 1);
}

TEST_CASE("of a log that is too long the beginning is kept") {
  World world;
  FakeDaemon daemon(world.socket, {.readLog = inParts(1'000'000'000)});
  auto log = soon(world.client.log("a", 6));
  CHECK(log.out == "out1ou");
  CHECK(log.err == "err1er");
  CHECK(log.truncated);
  CHECK_FALSE(log.complete);
}

TEST_CASE("a log that another attempt has begun anew meanwhile has nothing of the one before") {
  World world;
  FakeDaemon daemon(world.socket, {.readLog = [](FakeAgent::ReadLog context) -> kj::Promise<void> {
                      bool first = context.getParams().getAttempt() == 0;
                      auto log = context.getResults().initLog();
                      log.initChunks(1)[0].setBytes(kj::StringPtr(first ? "old" : "new").asBytes());
                      log.setNext(3);
                      log.setAttempt(first ? 1 : 2);
                      log.setComplete(!first);
                      return kj::READY_NOW;
                    }});
  auto log = soon(world.client.log("a"));
  CHECK(log.out == "new");
  CHECK(log.attempt == 2);
}

TEST_CASE("a log of a job that still runs is what there is") {
  World world;
  FakeDaemon daemon(world.socket, {.readLog = [](FakeAgent::ReadLog context) -> kj::Promise<void> {
                      auto log = context.getResults().initLog();
                      log.setNext(3);
                      log.setAttempt(1);
                      if (context.getParams().getOffset() == 3) return kj::READY_NOW;
                      log.initChunks(1)[0].setBytes(kj::StringPtr("abc").asBytes());
                      return kj::READY_NOW;
                    }});
  auto log = soon(world.client.log("a"));
  CHECK(log.out == "abc");
  CHECK_FALSE(log.complete);
}

TEST_CASE("a sentence names kind and reason") {
  CHECK(cbsession::nameOf(ErrorKind::commandRefused) == "commandRefused");
  CHECK(cbsession::nameOf(ErrorKind::none) == "none");
  CHECK(std::string(cbsession::Error({ErrorKind::usage, "badTarget", "x y"}).what()) == "usage/badTarget: x y");
  CHECK(std::string(cbsession::Error({ErrorKind::internal, "unspecified", ""}).what()) == "internal");
}

}  // namespace
}  // namespace cbs::client
