#include "tests/unit/rpc/rpc_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::rpc {
namespace {

using Context = capnp::CallContext<schema::Engine::ExecParams, schema::Engine::ExecResults>;

// What an engine was asked for.
struct Asked {
  std::string line;
  uint64_t timeoutMs = 0;
  int times = 0;
  bool announceStart = false;
};

FakeEngine::OnExec answering(Asked& asked) {
  return [&asked](Context context) {
    auto params = context.getParams();
    auto line = params.getSpec().getCommand().getLine().asChars();
    asked = {{line.begin(), line.size()}, params.getSpec().getTimeoutMs(), asked.times + 1, params.getAnnounceStart()};
    auto request = params.getOutput().finishedRequest();
    request.initOutcome().getState().setExited(4);
    return request.send().ignoreResult();
  };
}

using Submit = capnp::Request<schema::Agent::SubmitParams, schema::Agent::SubmitResults>;

Submit submission(RpcWorld& world, kj::StringPtr line = "uptime") {
  auto request = world.agent.submitRequest();
  auto exec = request.initRequest().initExec();
  exec.setTarget("127.0.0.1");
  exec.initSpec().getCommand().setLine(line.asBytes());
  return request;
}

Error errorOf(RpcWorld& world, Submit request) { return decode(request.send().wait(world.io.waitScope).getError()); }

TEST_CASE("a job goes to the engine as it was asked for, and is told of") {
  Asked asked;
  RpcWorld world(answering(asked));
  auto request = submission(world);
  request.getRequest().setName("check");
  request.getRequest().getExec().getSpec().setTimeoutMs(5000);
  auto labels = request.getRequest().initLabels(1);
  labels[0].setName("team");
  labels[0].setValue("db");
  auto submitted = request.send().wait(world.io.waitScope);
  REQUIRE(submitted.getError().getKind() == ErrorKind::NONE);
  auto await = world.agent.awaitJobsRequest();
  await.initJobs(1).set(0, "check");
  await.setWaitMs(20'000);
  auto awaited = await.send().wait(world.io.waitScope);
  REQUIRE(awaited.getDone());
  auto job = awaited.getJobs()[0];
  CHECK(kj::StringPtr(job.getId()) == submitted.getId());
  CHECK(job.getOutcome().getState().getExited() == 4);
  CHECK(kj::StringPtr(job.getCommand()) == "uptime");
  CHECK(kj::StringPtr(job.getLabels()[0].getValue()) == "db");
  CHECK(asked.line == "uptime");
  CHECK(asked.timeoutMs == 5000);
  CHECK(asked.times == 1);
  CHECK(asked.announceStart);
}

TEST_CASE("what makes no sense as a job is refused with a sentence, and nothing is sent") {
  Asked asked;
  RpcWorld world(answering(asked));
  auto withName = [&](kj::StringPtr name) {
    auto request = submission(world);
    request.getRequest().setName(name);
    return errorOf(world, kj::mv(request));
  };
  CHECK(withName("two words").reason == Reason::BAD_REQUEST);
  CHECK(withName("01kaxj4m9q7t2x0a").reason == Reason::BAD_REQUEST);  // it looks like an id
  CHECK(errorOf(world, submission(world, "")).reason == Reason::BAD_REQUEST);
  auto noTarget = submission(world);
  noTarget.getRequest().getExec().setTarget("-x");
  CHECK(errorOf(world, kj::mv(noTarget)).reason == Reason::BAD_TARGET);
  auto withInput = submission(world);
  withInput.getRequest().getExec().getSpec().setForwardStdin(true);
  CHECK(errorOf(world, kj::mv(withInput)).reason == Reason::BAD_REQUEST);
  auto longKey = submission(world);
  longKey.getRequest().setIdempotencyKey(std::string(200, 'k'));
  CHECK(errorOf(world, kj::mv(longKey)).reason == Reason::BAD_REQUEST);
  auto manyLabels = submission(world);
  auto labels = manyLabels.getRequest().initLabels(33);
  for (unsigned i = 0; i < labels.size(); ++i) labels[i].setName(kj::str("l", i));
  CHECK(errorOf(world, kj::mv(manyLabels)).reason == Reason::BAD_REQUEST);
  auto after = submission(world);
  after.getRequest().initAfter(1).set(0, "nothere");
  CHECK(errorOf(world, kj::mv(after)).reason == Reason::JOB_NOT_FOUND);
  CHECK(asked.times == 0);
}

TEST_CASE("a list of jobs stops at its limit, and says that there are more") {
  Asked asked;
  RpcWorld world(answering(asked));
  for (int i = 0; i < 3; ++i) submission(world).send().wait(world.io.waitScope);
  auto request = world.agent.jobsRequest();
  request.initFilter().setLimit(2);
  auto answer = request.send().wait(world.io.waitScope);
  CHECK(answer.getJobs().size() == 2);
  CHECK(answer.getMore());
  auto older = world.agent.jobsRequest();
  older.initFilter().setBefore(answer.getJobs()[1].getId());
  auto rest = older.send().wait(world.io.waitScope);
  CHECK(rest.getJobs().size() == 1);
  CHECK_FALSE(rest.getMore());
}

}  // namespace
}  // namespace cbs::rpc
