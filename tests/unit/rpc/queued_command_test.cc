#include "tests/unit/rpc/rpc_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::rpc {
namespace {

using Context = capnp::CallContext<schema::Engine::ExecParams, schema::Engine::ExecResults>;

kj::Promise<void> tellExited(schema::OutputSink::Client output) {
  auto request = output.finishedRequest();
  request.initOutcome().getState().setExited(0);
  return request.send().ignoreResult();
}

// An engine that takes commands and never says anything of them.
FakeEngine::OnExec silence() {
  return [sinks = std::vector<schema::OutputSink::Client>()](Context context) mutable {
    sinks.push_back(context.getParams().getOutput());
    return kj::Promise<void>(kj::READY_NOW);
  };
}

TEST_CASE("what the engine says reaches the caller") {
  RpcWorld world([](Context context) {
    auto output = context.getParams().getOutput();
    auto request = output.writeRequest();
    request.setBytes(kj::StringPtr("hello").asBytes());
    return request.send().then([output]() mutable { return tellExited(output); });
  });
  Told told;
  auto command = world.exec(told);
  world.awaitEnd(told);
  CHECK(told.out == "hello");
  CHECK(told.state == schema::Outcome::State::EXITED);
  CHECK(told.error->kind == ErrorKind::NONE);
}

TEST_CASE("an engine that forgets a command leaves its fate unknown, and its lane free") {
  RpcWorld world([](Context) { return kj::Promise<void>(kj::READY_NOW); }, {.core = 1, .max = 1});
  for (int i = 0; i < 2; ++i) {
    Told told;
    auto command = world.exec(told);
    world.awaitEnd(told);
    CHECK(told.state == schema::Outcome::State::UNKNOWN);
    CHECK(told.error->kind == ErrorKind::INTERNAL);
  }
}

TEST_CASE("an engine that fails leaves the command's fate unknown, and what the caller feeds goes nowhere") {
  RpcWorld world([](Context) { return kj::Promise<void>(KJ_EXCEPTION(DISCONNECTED, "the engine has died")); });
  Told told;
  auto command = world.exec(told);
  world.awaitEnd(told);
  CHECK(told.state == schema::Outcome::State::UNKNOWN);
  CHECK(told.error->detail == "the engine has died");
}

TEST_CASE("a command that is cancelled while it waits is not sent, and takes no input") {
  RpcWorld world(silence(), {.core = 1, .max = 1});
  Told first;
  Told second;
  auto running = world.exec(first);
  auto waiting = world.exec(second);
  auto sink = waiting.stdinRequest().send().getSink();
  waiting.cancelRequest().send().wait(world.io.waitScope);
  world.awaitEnd(second);
  CHECK(second.state == schema::Outcome::State::NOT_SENT);
  CHECK(second.error->reason == Reason::CALLER_CANCELLED);
  auto write = sink.writeRequest();
  write.setBytes(kj::StringPtr("into the void").asBytes());
  CHECK_THROWS(write.send().wait(world.io.waitScope));
  CHECK_FALSE(first.error);
}

TEST_CASE("a caller who lets go of a command gives its lane to the next") {
  RpcWorld world(silence(), {.core = 1, .max = 1});
  Told first;
  Told second;
  auto running = std::make_optional(world.exec(first));
  auto waiting = world.exec(second);
  while (world.queue.figures().depth == 0) world.loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(world.io.waitScope);
  running.reset();
  while (world.queue.figures().depth > 0) world.loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(world.io.waitScope);
  CHECK(world.queue.figures().active == 1);
}

TEST_CASE("a target that makes no sense is told as such, and the engine never hears of it") {
  RpcWorld world([](Context) -> kj::Promise<void> { KJ_FAIL_ASSERT("the engine was asked"); });
  Told told;
  auto command = world.exec(told, "-oProxyCommand=x");
  world.awaitEnd(told);
  CHECK(told.state == schema::Outcome::State::NOT_SENT);
  CHECK(told.error->reason == Reason::BAD_TARGET);
}

TEST_CASE("a command's time counts while it waits for a lane, and what was asked for is told") {
  RpcWorld world(silence(), {.core = 1, .max = 1});
  Told first;
  Told second;
  auto running = world.exec(first);
  auto waiting = world.exec(second, "127.0.0.1", 50);
  world.awaitEnd(second);
  CHECK(second.state == schema::Outcome::State::NOT_SENT);
  CHECK(second.error->reason == Reason::WAIT_TIMED_OUT);
  CHECK(second.error->fact("timeoutMs") == "50");
  CHECK_FALSE(first.error);
}

TEST_CASE("the engine gets what is left of a command's time, and its caller hears of all of it") {
  std::optional<uint64_t> left;
  RpcWorld world([&](Context context) {
    left = context.getParams().getSpec().getTimeoutMs();
    auto request = context.getParams().getOutput().finishedRequest();
    encode(Error{ErrorKind::TIMED_OUT, Reason::COMMAND_TIMED_OUT, ""}.with("timeoutMs", std::to_string(*left)),
           request.initOutcome().initError());
    return request.send().ignoreResult();
  });
  auto lane = world.queue.enter({.caller = "you", .host = "127.0.0.1"}).take();
  world.queue.setLimits({.core = 1, .max = 1}, {});
  Told told;
  auto command = world.exec(told, "127.0.0.1", 3'600'000);
  world.turnUntil([&]() { return world.queue.figures().depth == 1; });
  auto start = world.loop.timer.now();
  world.turnUntil([&]() { return world.loop.timer.now() - start > 20 * kj::MILLISECONDS; });
  lane = fail(ErrorKind::CANCELLED, Reason::UNSPECIFIED, "");
  world.awaitEnd(told);
  REQUIRE(left);
  CHECK(*left > 0);
  CHECK(*left <= 3'599'980);
  CHECK(told.error->reason == Reason::COMMAND_TIMED_OUT);
  CHECK(told.error->fact("timeoutMs") == "3600000");
}

TEST_CASE("a time beyond all time is no fault, and none is none") {
  std::vector<uint64_t> times;
  RpcWorld world([&](Context context) {
    times.push_back(context.getParams().getSpec().getTimeoutMs());
    return tellExited(context.getParams().getOutput());
  });
  for (uint64_t timeoutMs : {UINT64_MAX, uint64_t{0}}) {
    Told told;
    auto command = world.exec(told, "127.0.0.1", timeoutMs);
    world.awaitEnd(told);
    CHECK(told.state == schema::Outcome::State::EXITED);
  }
  REQUIRE(times.size() == 2);
  CHECK(times[0] > 0);
  CHECK(times[1] == 0);
}

TEST_CASE("a command of a higher priority goes before those that have waited longer") {
  std::vector<schema::OutputSink::Client> sinks;
  RpcWorld world(
      [&](Context context) {
        sinks.push_back(context.getParams().getOutput());
        return kj::Promise<void>(kj::READY_NOW);
      },
      {.core = 1, .max = 1});
  Told told[3];
  auto running = world.exec(told[0]);
  world.turnUntil([&]() { return sinks.size() == 1; });
  auto low = world.exec(told[1], "127.0.0.1", 0, schema::Priority::LOW);
  world.turnUntil([&]() { return world.queue.figures().depth == 1; });
  auto high = world.exec(told[2], "127.0.0.1", 0, schema::Priority::HIGH);
  world.turnUntil([&]() { return world.queue.figures().depth == 2; });
  for (size_t order : {0, 2, 1}) {
    world.turnUntil([&]() { return !sinks.empty(); });
    tellExited(sinks.front()).wait(world.io.waitScope);
    sinks.clear();
    world.awaitEnd(told[order]);
  }
}

}  // namespace
}  // namespace cbs::rpc
