#include "agentd/rpc/output_relay.h"
#include "tests/unit/rpc/rpc_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::rpc {
namespace {

class StartSink final : public schema::OutputSink::Server {
 public:
  explicit StartSink(kj::Promise<void> answer) : answer_(kj::mv(answer)) {}
  kj::Promise<void> starting(StartingContext) override { return kj::mv(answer_); }

 private:
  kj::Promise<void> answer_;
};

schema::OutputSink::Client relayTo(kj::Promise<void> answer, WorkLog& log) {
  auto told = kj::newPromiseAndFulfiller<void>();
  return kj::heap<OutputRelay>(kj::heap<StartSink>(kj::mv(answer)), 0 * kj::SECONDS, 0, log, nullptr,
                               kj::mv(told.fulfiller));
}

TEST_CASE("a start waits for the caller's own answer") {
  kj::EventLoop loop;
  kj::WaitScope scope(loop);
  WorkLog log;
  auto answer = kj::newPromiseAndFulfiller<void>();
  auto relay = relayTo(kj::mv(answer.promise), log);
  auto starting = relay.startingRequest().send().ignoreResult();
  CHECK_FALSE(starting.poll(scope));
  answer.fulfiller->fulfill();
  starting.wait(scope);
}

TEST_CASE("a start that the caller refuses is refused with its words") {
  kj::EventLoop loop;
  kj::WaitScope scope(loop);
  WorkLog log;
  auto relay = relayTo(KJ_EXCEPTION(FAILED, "the disk is full"), log);
  auto failure = kj::runCatchingExceptions([&]() { relay.startingRequest().send().ignoreResult().wait(scope); });
  KJ_IF_MAYBE (exception, failure) {
    CHECK(std::string(exception->getDescription().cStr()).find("the disk is full") != std::string::npos);
  } else {
    FAIL("it was let through");
  }
}

}  // namespace
}  // namespace cbs::rpc
