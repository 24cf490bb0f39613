#include "tests/unit/rpc/rpc_world.h"

#include <catch2/catch_test_macros.hpp>

#include <set>

namespace cbs::rpc {
namespace {

using Context = capnp::CallContext<schema::Engine::ExecParams, schema::Engine::ExecResults>;
using SubmitAll = capnp::Request<schema::Agent::SubmitAllParams, schema::Agent::SubmitAllResults>;

// Hosts get their commands, and say nothing.
FakeEngine::OnExec hanging() {
  return [](Context) -> kj::Promise<void> { return kj::NEVER_DONE; };
}

SubmitAll submissions(RpcWorld& world, const std::vector<std::string>& targets, kj::StringPtr key = "") {
  auto request = world.agent.submitAllRequest();
  request.initRequest().setIdempotencyKey(key);
  request.getRequest().initExec().initSpec().getCommand().setLine(kj::StringPtr("uptime").asBytes());
  auto list = request.initTargets(static_cast<unsigned>(targets.size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, targets[i].c_str());
  return request;
}

std::vector<std::string> addresses(int count) {
  std::vector<std::string> targets;
  for (int i = 0; i < count; ++i) targets.push_back("127.1." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  return targets;
}

std::vector<std::string> idsOf(capnp::List<schema::Submission>::Reader submissions) {
  std::vector<std::string> ids;
  for (auto submission : submissions) ids.emplace_back(submission.getId().cStr());
  return ids;
}

TEST_CASE("each of many targets gets a job of its own, in their order") {
  RpcWorld world(hanging());
  auto targets = addresses(600);
  auto answer = submissions(world, targets).send().wait(world.io.waitScope);
  auto ids = idsOf(answer.getSubmissions());
  REQUIRE(ids.size() == targets.size());
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == ids.size());
  auto await = world.agent.awaitJobsRequest();
  auto last = await.initJobs(2);
  last.set(0, ids.front().c_str());
  last.set(1, ids.back().c_str());
  auto jobs = await.send().wait(world.io.waitScope);
  CHECK(kj::StringPtr(jobs.getJobs()[0].getTarget()) == "127.1.0.0");
  CHECK(kj::StringPtr(jobs.getJobs()[1].getTarget()) == "127.1.2.99");
}

TEST_CASE("a target that makes no sense keeps no other from its job") {
  RpcWorld world(hanging());
  auto answer = submissions(world, {"127.0.0.1", "-x", "127.0.0.2"}).send().wait(world.io.waitScope);
  auto all = answer.getSubmissions();
  REQUIRE(all.size() == 3);
  CHECK(all[0].getId().size() == 16);
  CHECK(decode(all[1].getError()).reason == Reason::BAD_TARGET);
  CHECK(all[1].getId().size() == 0);
  CHECK(all[2].getId().size() == 16);
}

TEST_CASE("an idempotency key counts for each target by itself") {
  RpcWorld world(hanging());
  auto first =
      idsOf(submissions(world, {"127.0.0.1", "127.0.0.2"}, "k").send().wait(world.io.waitScope).getSubmissions());
  auto answer = submissions(world, {"127.0.0.2", "127.0.0.3", "127.0.0.3"}, "k").send().wait(world.io.waitScope);
  auto all = answer.getSubmissions();
  CHECK(all[0].getExisting());
  CHECK(all[0].getId().cStr() == first[1]);
  CHECK_FALSE(all[1].getExisting());
  CHECK(all[2].getExisting());
  CHECK(kj::StringPtr(all[2].getId()) == all[1].getId());
  auto tooLong = submissions(world, {"127.0.0.1"}, std::string(120, 'k').c_str()).send().wait(world.io.waitScope);
  auto error = decode(tooLong.getSubmissions()[0].getError());
  CHECK(error.reason == Reason::BAD_REQUEST);
  CHECK(error.detail.find("with @ and its target") != std::string::npos);
}

TEST_CASE("jobs that find no room are refused each, and the others stay") {
  RpcWorld world(hanging());
  world.jobs.setLimits({.capacity = 5});
  auto answer = submissions(world, addresses(8)).send().wait(world.io.waitScope);
  int taken = 0, full = 0;
  for (auto submission : answer.getSubmissions()) {
    taken += submission.getId().size() == 16;
    full += decode(submission.getError()).reason == Reason::QUEUE_FULL;
  }
  CHECK(taken == 5);
  CHECK(full == 3);
}

}  // namespace
}  // namespace cbs::rpc
