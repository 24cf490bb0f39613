#include "common/not_allowed.h"
#include "tests/unit/rpc/fan_out_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::rpc {
namespace {

using State = schema::Outcome::State;

TEST_CASE("what happens on each of many hosts is told in its order, and once") {
  FanWorld world;
  auto fanOut = world.request(40).send().getFanOut();
  world.awaitBegun(40);
  for (size_t i = 0; i < 40; ++i) {
    auto& command = world[i];
    CHECK(command.line == "uptime");
    command.print("one").detach([](kj::Exception&&) {});
    command.print("two").detach([](kj::Exception&&) {});
    command.exit(0);
  }
  world.awaitFinish();
  CHECK(world.told.ended == 40);
  CHECK(world.told.hosts.size() == 40);
  for (const auto& [index, host] : world.told.hosts) {
    CHECK(host.started == 1);
    CHECK(host.out == "onetwo");
    CHECK(host.state == State::EXITED);
  }
  CHECK(world.told.messages < 40);
}

TEST_CASE("a fan-out takes channels that are not those of its caller's other commands") {
  FanWorld world;
  auto fanOut = world.request(1).send().getFanOut();
  world.awaitBegun(1);
  Told told;
  auto command = world.exec(told);
  world.awaitBegun(2);
  CHECK(world[0].caller != world[1].caller);
}

TEST_CASE("a fan-out's hosts begin as many at once, or in batches, as its caller says") {
  FanWorld world;
  auto request = world.request(5);
  request.getRequest().setBatch(3);
  request.getRequest().setAtOnce(2);
  auto fanOut = request.send().getFanOut();
  world.awaitBegun(2);
  world[0].exit(0);
  world.awaitBegun(3);
  world[1].exit(7);
  world.turnUntil([&]() { return world.told.ended == 2; });
  CHECK(world.size() == 3);
  world[2].exit(0);
  world.awaitBegun(5);
  world[3].exit(0);
  world[4].exit(0);
  world.awaitFinish();
  CHECK(world.told.endedWith(Reason::UNSPECIFIED) == 5);
}

TEST_CASE("thousands of hosts that do not begin, as others have failed, are told so, some at a time") {
  FanWorld world;
  auto request = world.request(20'000);
  request.getRequest().setAtOnce(1);
  request.getRequest().setMaxFailures(0);
  auto fanOut = request.send().getFanOut();
  world.awaitBegun(1);
  world[0].exit(3);
  world.awaitFinish();
  CHECK(world.told.ended == 20'000);
  CHECK(world.told.endedWith(Reason::FAILURES_EXCEEDED) == 19'999);
  CHECK(world.told.hosts[19'999].error->kind == ErrorKind::CANCELLED);
  CHECK(world.told.hosts[19'999].state == State::NOT_SENT);
  CHECK(world.told.hosts[19'999].started == 0);
  CHECK(world.told.mostEvents <= 500);
}

TEST_CASE("a signal that ends processes ends the hosts of a fan-out that have not begun, another one does not") {
  FanWorld world;
  auto request = world.request(4);
  request.getRequest().setAtOnce(2);
  auto fanOut = request.send().getFanOut();
  world.awaitBegun(2);
  auto signal = [&](const char* name) {
    auto request = fanOut.signalRequest();
    request.setName(name);
    request.send().wait(world.io.waitScope);
    world.turnUntil([&]() { return !world[1].signals.empty() && world[1].signals.back() == name; });
  };
  signal("USR1");
  CHECK(world.told.ended == 0);
  signal("TERM");
  world.turnUntil([&]() { return world.told.endedWith(Reason::CALLER_CANCELLED) == 2; });
  CHECK(world[0].signals == std::vector<std::string>{"USR1", "TERM"});
  CHECK_FALSE(world.told.finished);
  world[0].exit(0);
  world[1].exit(0);
  world.awaitFinish();
  CHECK(world.size() == 2);
}

TEST_CASE("a fan-out that is cancelled cancels what runs, and tells the rest") {
  FanWorld world;
  auto request = world.request(3);
  request.getRequest().setAtOnce(1);
  auto fanOut = request.send().getFanOut();
  world.awaitBegun(1);
  fanOut.cancelRequest().send().wait(world.io.waitScope);
  world.turnUntil([&]() { return !world[0].signals.empty(); });
  CHECK(world[0].signals == std::vector<std::string>{"cancel"});
  world[0].exit(0);
  world.awaitFinish();
  CHECK(world.told.endedWith(Reason::CALLER_CANCELLED) == 2);
}

TEST_CASE("a fan-out's deadline caps the time of each host, and ends those that have not begun") {
  FanWorld world;
  auto request = world.request(3);
  request.getRequest().setAtOnce(1);
  request.getRequest().setDeadlineMs(300);
  request.getRequest().getWork().getExec().getSpec().setTimeoutMs(60'000);
  auto fanOut = request.send().getFanOut();
  world.awaitBegun(1);
  CHECK(world[0].timeoutMs <= 300);
  world.turnUntil([&]() { return world.told.ended == 2; });
  CHECK(world.told.endedWith(Reason::WAIT_TIMED_OUT) == 2);
  REQUIRE(world.told.hosts[2].error);
  CHECK(world.told.hosts[2].error->fact("timeoutMs") == "300");
  CHECK(world.told.hosts[2].error->fact("deadline") == "true");
  CHECK(world.told.hosts[2].state == State::NOT_SENT);

  auto late = world[0].output.finishedRequest();
  late.initOutcome().getState().setUnknown();
  encode(Error{ErrorKind::TIMED_OUT, Reason::COMMAND_TIMED_OUT, ""}.with("timeoutMs", "299"),
         late.getOutcome().initError());
  late.send().wait(world.io.waitScope);
  world.awaitFinish();
  CHECK(world.told.hosts[0].error->fact("timeoutMs") == "300");
  CHECK(world.told.hosts[0].error->fact("deadline") == "true");
  CHECK(world.told.hosts[0].error->detail == "the deadline for all hosts passed");
}

TEST_CASE("a host's own time within a fan-out counts from its turn on") {
  FanWorld world;
  auto request = world.request(2);
  request.getRequest().setAtOnce(1);
  request.getRequest().getWork().getExec().getSpec().setTimeoutMs(60'000);
  auto fanOut = request.send().getFanOut();
  world.awaitBegun(1);
  world.loop.timer.afterDelay(20 * kj::MILLISECONDS).wait(world.io.waitScope);
  world[0].exit(0);
  world.awaitBegun(2);
  CHECK(world[1].timeoutMs > 60'000 - 20);
}

TEST_CASE("each command of a fan-out gets the whole input, in pieces, and its end") {
  FanWorld world;
  std::string input;
  for (int i = 0; i < 20'000; ++i) input += std::to_string(i) + "\n";
  auto request = world.request(3);
  request.getRequest().getWork().getExec().getSpec().setForwardStdin(true);
  request.getRequest().setInput(kj::arrayPtr(input.data(), input.size()).asBytes());
  auto fanOut = request.send().getFanOut();
  world.awaitBegun(3);
  for (size_t i = 0; i < 3; ++i) {
    world.turnUntil([&]() { return world[i].inputEnded; });
    CHECK(world[i].input == input);
    CHECK(world[i].largestPiece <= 32'768);
  }
}

TEST_CASE("hosts whose caller does not read are held back at their first chunk, and then take turns") {
  FanWorld world;
  world.told.answer = []() -> kj::Promise<void> { return kj::NEVER_DONE; };
  auto fanOut = world.request(9).send().getFanOut();
  world.awaitBegun(9);
  const std::string chunk(60'000, 'x');
  size_t passed = 0;
  kj::Vector<kj::Promise<void>> prints;
  for (size_t i = 0; i < 9; ++i) {
    prints.add(world[i].print(chunk).then([&passed]() { ++passed; }).eagerlyEvaluate(nullptr));
  }
  world[8].exit(0);
  for (int i = 0; i < 50; ++i) world.loop.timer.afterDelay(0 * kj::SECONDS).wait(world.io.waitScope);
  CHECK(passed < 9);
  CHECK(world.told.mostBytes <= 262'144);
  CHECK(world.told.ended == 0);
}

TEST_CASE("a message to the caller of a fan-out holds no more than 256 KiB of output") {
  FanWorld world;
  auto fanOut = world.request(20).send().getFanOut();
  world.awaitBegun(20);
  const std::string chunk(60'000, 'x');
  for (size_t i = 0; i < 20; ++i) {
    world[i].print(chunk).detach([](kj::Exception&&) {});
    world[i].exit(0);
  }
  world.awaitFinish();
  CHECK(world.told.mostBytes > 60'000);
  CHECK(world.told.mostBytes <= 262'144);
  for (const auto& [index, host] : world.told.hosts) CHECK(host.out == chunk);
}

TEST_CASE("a fan-out ends with its caller's hold on it, and late words of the engine go nowhere") {
  FanWorld world;
  {
    auto fanOut = world.request(3).send().getFanOut();
    world.awaitBegun(3);
  }
  world.turnUntil([&]() { return world[0].dropped && world[1].dropped && world[2].dropped; });
  CHECK_THROWS(world[0].print("late").wait(world.io.waitScope));
  world[1].exit(0);
  world.turnUntil([&]() { return world.fanOuts.figures().underWay == 0; });
  CHECK_FALSE(world.told.finished);
}

TEST_CASE("a fan-out ends with the one who hears of it") {
  FanWorld world;
  world.told.answer = []() -> kj::Promise<void> { return KJ_EXCEPTION(DISCONNECTED, "gone"); };
  auto request = world.request(3);
  request.getRequest().setAtOnce(2);
  auto fanOut = request.send().getFanOut();
  world.turnUntil([&]() { return world.fanOuts.figures().underWay == 0; });
  for (size_t i = 0; i < world.size(); ++i) {
    world.turnUntil([&]() { return world[i].dropped; });
  }
  CHECK(world.told.ended == 0);
}

TEST_CASE("a daemon that drains begins on no other host of a fan-out") {
  FanWorld world;
  auto request = world.request(3);
  request.getRequest().setAtOnce(1);
  auto fanOut = request.send().getFanOut();
  world.awaitBegun(1);
  world.fanOutQueue.drain();
  world.fanOuts.drain();
  world.turnUntil([&]() { return world.told.endedWith(Reason::DRAINING) == 2; });
  world[0].exit(0);
  world.awaitFinish();
  CHECK(world.told.hosts[0].error->kind == ErrorKind::NONE);
}

TEST_CASE("fan-outs are counted, with their hosts") {
  FanWorld world;
  auto request = world.request(5);
  request.getRequest().setAtOnce(2);
  auto fanOut = request.send().getFanOut();
  world.awaitBegun(2);
  world[0].exit(0);
  world.awaitBegun(3);
  auto figures = [&]() { return world.agent.statsRequest().send().wait(world.io.waitScope); };
  {
    auto answer = figures();
    auto queue = answer.getStats().getQueue();
    CHECK(queue.getFanOuts() == 1);
    CHECK(queue.getFanOutHostsRunning() == 2);
    CHECK(queue.getFanOutHostsWaiting() == 2);
    CHECK(queue.getFanOutHostsEnded() == 1);
    CHECK(queue.getActive() == 0);
  }
  fanOut = nullptr;
  world.turnUntil([&]() { return world.fanOuts.figures().underWay == 0; });
  CHECK(world.fanOuts.figures().hostsWaiting == 0);
}

TEST_CASE("a fan-out that makes no sense is refused as a whole") {
  FanWorld world;
  auto refusal = [&](auto request) {
    try {
      request.send().wait(world.io.waitScope);
    } catch (const kj::Exception& exception) {
      auto error = asBadRequest(exception);
      return error ? error->detail : "another failure: " + std::string(exception.getDescription().cStr());
    }
    return std::string("none");
  };
  CHECK(refusal(world.request(0)) == "there are no targets");
  CHECK(refusal(world.request(schema::MAX_FAN_OUT_TARGETS + 1)) == "there are more than 250000 targets");

  auto unread = world.request(1);
  unread.getRequest().initInput(1);
  CHECK(refusal(kj::mv(unread)) == "there is input that no command is to get");

  auto large = world.request(1);
  large.getRequest().getWork().getExec().getSpec().setForwardStdin(true);
  large.getRequest().initInput((16 << 20) + 1);
  CHECK(refusal(kj::mv(large)) == "the input for all hosts is larger than 16 MiB");

  auto terminal = world.request(1);
  terminal.getRequest().getWork().getExec().initTerminal();
  CHECK(refusal(kj::mv(terminal)) == "there is no terminal for many hosts");
}

}  // namespace
}  // namespace cbs::rpc
