#include "tests/unit/rpc/rpc_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::rpc {
namespace {

using Context = capnp::CallContext<schema::Engine::TransferParams, schema::Engine::TransferResults>;

struct NoFiles final : public schema::FileSource::Server {};

class RecordingObserver final : public schema::TransferObserver::Server {
 public:
  RecordingObserver(std::optional<Error>& end, int& ends) : end_(end), ends_(ends) {}
  kj::Promise<void> finished(FinishedContext context) override {
    end_ = decode(context.getParams().getResult().getError());
    ++ends_;
    return kj::READY_NOW;
  }

 private:
  std::optional<Error>& end_;
  int& ends_;
};

class CancellableTransfer final : public schema::Transfer::Server {
 public:
  explicit CancellableTransfer(schema::TransferObserver::Client observer) : observer_(kj::mv(observer)) {}
  kj::Promise<void> cancel(CancelContext) override {
    auto request = observer_.finishedRequest();
    encode(Error{ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, "by the engine"}, request.initResult().initError());
    return request.send().ignoreResult();
  }

 private:
  schema::TransferObserver::Client observer_;
};

// An engine whose transfers go on until they are cancelled.
FakeEngine::OnTransfer endless() {
  return [](Context context) {
    context.getResults().setTransfer(kj::heap<CancellableTransfer>(context.getParams().getObserver()));
    return kj::Promise<void>(kj::READY_NOW);
  };
}

struct TransferWorld : RpcWorld {
  explicit TransferWorld(FakeEngine::OnTransfer onTransfer, core::LaneLimits limits = {})
      : RpcWorld(kj::heap<FakeEngine>(kj::mv(onTransfer)), limits) {}

  schema::Transfer::Client upload(std::optional<Error>& end, kj::StringPtr target = "127.0.0.1") {
    auto request = agent.transferRequest();
    request.initRequest().getFrom().setCaller(kj::heap<NoFiles>());
    fill(request.getRequest().getTo().initHost(), target, "there");
    return send(kj::mv(request), end);
  }
  schema::Transfer::Client copy(std::optional<Error>& end, kj::StringPtr from, kj::StringPtr to) {
    auto request = agent.transferRequest();
    fill(request.initRequest().getFrom().initHost(), from, "a");
    fill(request.getRequest().getTo().initHost(), to, "b");
    return send(kj::mv(request), end);
  }
  void awaitTold(const std::optional<Error>& end) {
    turnUntil([&]() { return end.has_value(); });
  }

  int ends = 0;  // that were told

 private:
  static void fill(schema::RemotePlace::Builder place, kj::StringPtr target, kj::StringPtr path) {
    place.setTarget(target);
    place.initPaths(1).set(0, path.asBytes());
  }
  schema::Transfer::Client send(capnp::Request<schema::Agent::TransferParams, schema::Agent::TransferResults> request,
                                std::optional<Error>& end) {
    request.setObserver(kj::heap<RecordingObserver>(end, ends));
    return request.send().getTransfer();
  }
};

TEST_CASE("the engine gets both ends of a transfer between hosts", "[transfer]") {
  std::string from, to;
  TransferWorld world([&](Context context) {
    auto order = context.getParams().getOrder();
    from = order.getFrom().getHost().getHost().getHostName().cStr();
    to = order.getTo().getHost().getHost().getHostName().cStr();
    CHECK(order.getTo().getHost().getPaths()[0] == kj::StringPtr("b").asBytes());
    return context.getParams().getObserver().finishedRequest().send().ignoreResult();
  });
  std::optional<Error> end;
  auto transfer = world.copy(end, "127.0.0.1", "127.0.0.2");
  world.awaitTold(end);
  CHECK(end->kind == ErrorKind::NONE);
  CHECK(from == "127.0.0.1");
  CHECK(to == "127.0.0.2");
}

TEST_CASE("a copy to a target that makes no sense is told as such, and gives its lane back", "[transfer]") {
  TransferWorld world([](Context) -> kj::Promise<void> { KJ_FAIL_ASSERT("the engine was asked"); });
  std::optional<Error> end;
  auto transfer = world.copy(end, "127.0.0.1", "-oProxyCommand=x");
  world.awaitTold(end);
  CHECK(end->reason == Reason::BAD_TARGET);
  world.turnUntil([&]() { return world.queue.figures().active == 0; });
}

TEST_CASE("a transfer that is cancelled while it waits never reaches the engine", "[transfer]") {
  int asked = 0;
  auto transfers = endless();
  TransferWorld world(
      [&](Context context) {
        ++asked;
        return transfers(context);
      },
      {.core = 1, .max = 1});
  std::optional<Error> first, second;
  auto running = world.upload(first);
  auto waiting = world.upload(second);
  world.turnUntil([&]() { return world.queue.figures().depth == 1 && asked == 1; });
  waiting.cancelRequest().send().wait(world.io.waitScope);
  world.awaitTold(second);
  CHECK(second->reason == Reason::CALLER_CANCELLED);
  CHECK(asked == 1);
  CHECK_FALSE(first);
}

TEST_CASE("a transfer that the engine has is cancelled there, and its lane is free again", "[transfer]") {
  TransferWorld world(endless(), {.core = 1, .max = 1});
  std::optional<Error> end;
  auto transfer = world.upload(end);
  world.turnUntil([&]() { return world.queue.figures().active == 1; });
  transfer.cancelRequest().send().wait(world.io.waitScope);
  world.awaitTold(end);
  CHECK(end->detail == "by the engine");
  world.turnUntil([&]() { return world.queue.figures().active == 0; });
}

TEST_CASE("what an engine fails with is what the caller of a transfer is told", "[transfer]") {
  TransferWorld world([](Context) { return kj::Promise<void>(KJ_EXCEPTION(DISCONNECTED, "the engine has died")); });
  std::optional<Error> end;
  auto transfer = world.upload(end);
  world.awaitTold(end);
  CHECK(end->detail == "the engine has died");
  world.turnUntil([&]() { return world.queue.figures().active == 0; });
}

TEST_CASE("a transfer that was refused and is cancelled then is told its end once", "[transfer]") {
  TransferWorld world([](Context) -> kj::Promise<void> { KJ_FAIL_ASSERT("the engine was asked"); });
  std::optional<Error> end;
  auto transfer = world.copy(end, "127.0.0.1", "-oProxyCommand=x");
  world.awaitTold(end);
  for (int i = 0; i < 2; ++i) transfer.cancelRequest().send().wait(world.io.waitScope);
  world.turnUntil([&]() { return world.queue.figures().active == 0; });
  CHECK(world.ends == 1);
  CHECK(end->reason == Reason::BAD_TARGET);
}

TEST_CASE("a transfer that the engine has refused can be cancelled", "[transfer]") {
  TransferWorld world([](Context context) {
    auto refusal = context.getParams().getObserver().finishedRequest();
    encode(Error{ErrorKind::USAGE, Reason::BAD_REQUEST, "no"}, refusal.initResult().initError());
    return refusal.send().ignoreResult();
  });
  std::optional<Error> end;
  auto transfer = world.upload(end);
  world.awaitTold(end);
  transfer.cancelRequest().send().wait(world.io.waitScope);
  CHECK(world.ends == 1);
  CHECK(end->detail == "no");
}

TEST_CASE("a transfer with a caller on both sides is refused", "[transfer]") {
  TransferWorld world(endless());
  auto request = world.agent.transferRequest();
  request.initRequest().getFrom().setCaller(kj::heap<NoFiles>());
  std::optional<Error> end;
  request.setObserver(kj::heap<RecordingObserver>(end, world.ends));
  request.send().wait(world.io.waitScope);
  REQUIRE(end);
  CHECK(end->kind == ErrorKind::USAGE);
}

}  // namespace
}  // namespace cbs::rpc
