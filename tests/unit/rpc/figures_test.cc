#include "tests/unit/rpc/rpc_world.h"

#include <catch2/catch_test_macros.hpp>

#include <map>

namespace cbs::rpc {
namespace {

using Context = capnp::CallContext<schema::Engine::ExecParams, schema::Engine::ExecResults>;
using Counts = std::map<std::string, uint64_t>;

struct FiguresWorld : RpcWorld {
  using RpcWorld::RpcWorld;

  auto stats() { return agent.statsRequest().send().wait(io.waitScope); }
  Counts outcomes() {
    Counts counts;
    auto answer = stats();
    for (auto outcome : answer.getStats().getOutcomes()) counts[outcome.getOutcome().cStr()] = outcome.getCount();
    return counts;
  }
  Counts rejections() {
    Counts counts;
    auto answer = stats();
    for (auto rejection : answer.getStats().getQueue().getRejections()) {
      counts[std::string(nameOf(rejection.getReason()))] = rejection.getCount();
    }
    return counts;
  }
  void run() {
    Told told;
    auto command = exec(told);
    awaitEnd(told);
  }
};

// Ends each command with what `state` sets.
template <typename SetState>
FakeEngine::OnExec ending(SetState setState) {
  return [setState](Context context) mutable {
    auto request = context.getParams().getOutput().finishedRequest();
    setState(request.initOutcome());
    return request.send().ignoreResult();
  };
}

// Takes commands, and says nothing of them.
FakeEngine::OnExec keeping(std::vector<schema::OutputSink::Client>& sinks) {
  return [&sinks](Context context) {
    sinks.push_back(context.getParams().getOutput());
    return kj::Promise<void>(kj::READY_NOW);
  };
}

FakeEngine::OnExec exiting(int status) {
  return ending([status](auto outcome) { outcome.getState().setExited(status); });
}

Counts outcomesWith(const std::string& name, uint64_t count) {
  Counts counts{{"succeeded", 0}, {"failed", 0}, {"signalled", 0}, {"notSent", 0}, {"unknown", 0}};
  counts[name] = count;
  return counts;
}

std::string outcomeOf(FakeEngine::OnExec onExec) {
  FiguresWorld world(kj::mv(onExec));
  world.run();
  auto counts = world.outcomes();
  for (const auto& [name, count] : counts) {
    if (count > 0 && counts == outcomesWith(name, 1)) return name;
  }
  return "not one";
}

TEST_CASE("a daemon that has done nothing tells all its figures, and they are none") {
  FiguresWorld world(ending([](auto) {}));
  auto answer = world.stats();
  auto stats = answer.getStats();
  CHECK(world.outcomes() == outcomesWith("unknown", 0));
  CHECK(world.rejections() == Counts{{"queueFull", 0},
                                     {"draining", 0},
                                     {"journalUnavailable", 0},
                                     {"jobNotFound", 0},
                                     {"idempotencyKeyTaken", 0}});
  CHECK(stats.getCommandTimes().getBuckets().size() == schema::BUCKET_BOUNDS_US->size());
  CHECK(stats.getQueueWaits().getBuckets().size() == schema::BUCKET_BOUNDS_US->size());
  CHECK(stats.getProcess().getStartedMs() > 0);
  CHECK(stats.getProcess().getVirtualBytes() >= stats.getProcess().getResidentBytes());
}

TEST_CASE("what becomes of a command is counted by what it is") {
  CHECK(outcomeOf(exiting(0)) == "succeeded");
  CHECK(outcomeOf(exiting(3)) == "failed");
  CHECK(outcomeOf(ending([](auto outcome) {
          outcome.getState().setExited(0);
          encode(Error{ErrorKind::TIMED_OUT, Reason::COMMAND_TIMED_OUT, ""}, outcome.initError());
        })) == "failed");
  CHECK(outcomeOf(ending([](auto outcome) { outcome.getState().initSignalled().setName("KILL"); })) == "signalled");
  CHECK(outcomeOf(ending([](auto) {})) == "notSent");
  CHECK(outcomeOf(ending([](auto outcome) { outcome.getState().setUnknown(); })) == "unknown");
}

TEST_CASE("a command that an engine forgets, or fails with, counts as unknown, once") {
  CHECK(outcomeOf([](Context) { return kj::Promise<void>(kj::READY_NOW); }) == "unknown");
  CHECK(outcomeOf([](Context) { return kj::Promise<void>(KJ_EXCEPTION(DISCONNECTED, "it has died")); }) == "unknown");
}

TEST_CASE("commands that no engine gets count as not sent") {
  std::vector<schema::OutputSink::Client> sinks;
  {
    FiguresWorld world(keeping(sinks), {.core = 1, .max = 1, .queueCapacity = 2});
    Told told[5];
    auto nowhere = world.exec(told[0], "-oProxyCommand=x");
    world.awaitEnd(told[0]);
    CHECK(world.outcomes() == outcomesWith("notSent", 1));
    auto running = world.exec(told[1]);
    world.turnUntil([&]() { return sinks.size() == 1; });
    auto cancelled = world.exec(told[2]);
    auto dropped = std::make_optional(world.exec(told[3]));
    world.turnUntil([&]() { return world.queue.figures().depth == 2; });
    auto refused = world.exec(told[4]);
    world.awaitEnd(told[4]);
    CHECK(world.outcomes() == outcomesWith("notSent", 2));
    cancelled.cancelRequest().send().wait(world.io.waitScope);
    world.awaitEnd(told[2]);
    CHECK(world.outcomes() == outcomesWith("notSent", 3));
    dropped.reset();
    world.turnUntil([&]() { return world.queue.figures().depth == 0; });
    CHECK(world.outcomes() == outcomesWith("notSent", 4));
    CHECK(world.stats().getStats().getQueueWaits().getCount() == 1);
    sinks.clear();
    world.awaitEnd(told[1]);
  }
}

TEST_CASE("rejections are counted by reason, of commands and of jobs") {
  FiguresWorld world(exiting(0), {.core = 1, .max = 1});
  auto submit = world.agent.submitRequest();
  submit.initRequest().initExec().setTarget("127.0.0.1");
  submit.getRequest().initAfter(1).set(0, "nobody");
  submit.getRequest().getExec().initSpec().getCommand().setLine(kj::StringPtr("true").asBytes());
  CHECK(submit.send().wait(world.io.waitScope).getError().getReason() == Reason::JOB_NOT_FOUND);
  CHECK(world.rejections()["jobNotFound"] == 1);
  world.queue.drain();
  world.run();
  CHECK(world.rejections()["draining"] == 1);
  auto answer = world.stats();
  auto queue = answer.getStats().getQueue();
  CHECK(queue.getRejected() + queue.getJobsRejected() == 2);
  CHECK(world.outcomes()["notSent"] == 1);
}

TEST_CASE("a job's attempt counts as a command does, and so does its wait for a lane") {
  FiguresWorld world(ending([](auto outcome) {
    outcome.getState().setExited(4);
    outcome.getTimes().setRunUs(1500);
  }));
  auto submit = world.agent.submitRequest();
  submit.initRequest().initExec().setTarget("127.0.0.1");
  submit.getRequest().getExec().initSpec().getCommand().setLine(kj::StringPtr("false").asBytes());
  submit.send().wait(world.io.waitScope);
  world.turnUntil([&]() { return world.stats().getStats().getQueue().getJobsEnded() == 1; });
  CHECK(world.outcomes() == outcomesWith("failed", 1));
  auto answer = world.stats();
  CHECK(answer.getStats().getQueueWaits().getCount() == 1);
  auto times = answer.getStats().getCommandTimes();
  CHECK(times.getCount() == 1);
  CHECK(times.getCount() == answer.getStats().getLatency().getCount());
  CHECK(times.getBuckets()[1] == 0);
  CHECK(times.getBuckets()[2] == 1);
}

TEST_CASE("hosts are asked of the engine") {
  FiguresWorld world(ending([](auto) {}));
  auto request = world.agent.hostsRequest();
  request.setLimit(42);
  auto answer = request.send().wait(world.io.waitScope);
  REQUIRE(answer.getHosts().size() == 1);
  CHECK(kj::StringPtr(answer.getHosts()[0].getHost()) == "web1");
  CHECK(answer.getHosts()[0].getCommands() == 42);
}

TEST_CASE("the details are what the health, the figures and the breakers are") {
  FiguresWorld world(ending([](auto) {}));
  world.queue.drain();
  auto answer = world.agent.detailsRequest().send().wait(world.io.waitScope);
  auto details = answer.getDetails();
  auto healthAnswer = world.agent.healthRequest().send().wait(world.io.waitScope);
  auto statsAnswer = world.stats();
  CHECK(details.getStatus() == schema::Health::Status::DOWN);
  for (auto conditions : {details.getConditions(), statsAnswer.getStats().getConditions()}) {
    auto expected = healthAnswer.getHealth().getConditions();
    REQUIRE(conditions.size() == expected.size());
    REQUIRE(conditions.size() >= 2);
    for (unsigned i = 0; i < conditions.size(); ++i) {
      CHECK(std::string(conditions[i].getCode().cStr()) == expected[i].getCode().cStr());
      CHECK(conditions[i].getSinceMs() == expected[i].getSinceMs());
    }
  }
  CHECK(details.getPool().getCreated() == 7);
  CHECK(details.getQueue().getRejections().size() == 5);
  CHECK(details.getProcess().getThreads() >= 1);
  CHECK(details.getLimits().getMaxConnections() == world.config.ssh.maxConnectionsPerInstance);
  REQUIRE(details.getBreakers().size() == 1);
  CHECK(kj::StringPtr(details.getBreakers()[0].getHost()) == "db1");
  CHECK(details.getBreakersLeftOut() == 3);
  CHECK(details.getDaemon().getPid() == static_cast<uint32_t>(getpid()));
}

}  // namespace
}  // namespace cbs::rpc
