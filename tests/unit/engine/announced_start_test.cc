#include "tests/unit/engine/engine_world.h"

#include <kj/function.h>

#include <optional>
#include <string_view>

namespace cbs::engine {
namespace {

// What a sink was told, and what it says to `starting`.
struct Told {
  kj::Function<kj::Promise<void>()> onStarting = []() -> kj::Promise<void> { return kj::READY_NOW; };
  int startings = 0;
  std::optional<Error> error;
  schema::Outcome::State::Which state = schema::Outcome::State::UNKNOWN;
  unsigned attempts = 0;
};

class TestSink final : public schema::OutputSink::Server {
 public:
  explicit TestSink(Told& told) : told_(told) {}
  kj::Promise<void> starting(StartingContext) override {
    ++told_.startings;
    return told_.onStarting();
  }
  kj::Promise<void> finished(FinishedContext context) override {
    auto outcome = context.getParams().getOutcome();
    told_.state = outcome.getState().which();
    told_.attempts = outcome.getAttempts();
    told_.error = cbs::decode(outcome.getError());
    return kj::READY_NOW;
  }

 private:
  Told& told_;
};

struct CommandWorld : EngineWorld {
  auto execRequest(schema::OutputSink::Client sink, bool announceStart) {
    auto request = engine.execRequest();
    address(request);
    request.initSpec().getCommand().setLine(kj::StringPtr("true").asBytes());
    request.setOutput(kj::mv(sink));
    request.setAnnounceStart(announceStart);
    return request;
  }
  schema::Command::Client announced(Told& told) {
    return execRequest(kj::heap<TestSink>(told), true).send().getCommand();
  }
  void awaitEnd(const Told& told) {
    until([&]() { return told.error.has_value(); });
  }
  // Runs a command that asks nobody, and tells how many the host got before it. The host takes what comes over the one
  // connection in order, so what was sent by now counts.
  size_t sentSoFar() {
    Told told;
    auto command = execRequest(kj::heap<TestSink>(told), false).send().getCommand();
    awaitEnd(told);
    REQUIRE(told.state == schema::Outcome::State::EXITED);
    REQUIRE(told.startings == 0);
    REQUIRE(engine.statsRequest().send().wait(io.waitScope).getStats().getCreated() == 1);
    return sessionsStarted() - ++probes;
  }
  size_t sessionsStarted() {
    const std::string log = sshd.log();
    constexpr std::string_view kLine = "Starting session: command";
    size_t count = 0;
    for (size_t at = log.find(kLine); at != std::string::npos; at = log.find(kLine, at + 1)) ++count;
    return count;
  }

  size_t probes = 0;
};

TEST_CASE("a command whose start is announced is sent when the sink has answered, and not before") {
  CommandWorld world;
  Told told;
  auto answer = kj::newPromiseAndFulfiller<void>();
  told.onStarting = [&]() { return kj::mv(answer.promise); };
  auto command = world.announced(told);
  world.until([&]() { return told.startings > 0; });
  CHECK(world.sentSoFar() == 0);
  CHECK_FALSE(told.error);
  answer.fulfiller->fulfill();
  world.awaitEnd(told);
  CHECK(told.state == schema::Outcome::State::EXITED);
  CHECK(told.startings == 1);
  CHECK(world.sentSoFar() == 1);
}

TEST_CASE("a command whose sink does not let it start is not sent, nor tried again") {
  CommandWorld world;
  Told told;
  told.onStarting = []() -> kj::Promise<void> { return KJ_EXCEPTION(FAILED, "the disk is full"); };
  auto command = world.announced(told);
  world.awaitEnd(told);
  CHECK(told.state == schema::Outcome::State::NOT_SENT);
  CHECK(told.error->kind == ErrorKind::CANCELLED);
  CHECK(told.error->reason == Reason::CALLER_GONE);
  CHECK(told.error->detail.find("the disk is full") != std::string::npos);
  CHECK(told.startings == 1);
  CHECK(told.attempts == 1);
  CHECK(world.sentSoFar() == 0);
}

TEST_CASE("a command that is cancelled while its sink considers the start is not sent") {
  CommandWorld world;
  Told told;
  auto answer = kj::newPromiseAndFulfiller<void>();
  told.onStarting = [&]() { return kj::mv(answer.promise); };
  auto command = world.announced(told);
  world.until([&]() { return told.startings > 0; });
  command.cancelRequest().send().wait(world.io.waitScope);
  answer.fulfiller->fulfill();  // too late
  world.awaitEnd(told);
  CHECK(told.state == schema::Outcome::State::NOT_SENT);
  CHECK(told.error->reason == Reason::CALLER_CANCELLED);
  CHECK(world.sentSoFar() == 0);
}

TEST_CASE("a command whose connection breaks meanwhile is announced again") {
  CommandWorld world;
  Told told;
  auto answer = kj::newPromiseAndFulfiller<void>();
  told.onStarting = [&]() { return told.startings == 1 ? kj::mv(answer.promise) : kj::Promise<void>(kj::READY_NOW); };
  auto request = world.execRequest(kj::heap<TestSink>(told), true);
  request.setIdempotent(true);
  auto command = request.send().getCommand();
  world.until([&]() { return told.startings > 0; });
  world.sshd.killConnections();
  answer.fulfiller->fulfill();
  world.awaitEnd(told);
  CHECK(told.state == schema::Outcome::State::EXITED);
  CHECK(told.startings == 2);
  CHECK(told.attempts == 2);
}

}  // namespace
}  // namespace cbs::engine
