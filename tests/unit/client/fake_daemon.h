// A daemon on a thread of its own, which does what the test says.
#pragma once

#include "common/local_socket.h"
#include "schema/agent.capnp.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <functional>
#include <future>
#include <string>
#include <thread>

namespace cbs::client {

// Calls without a function here are unknown to the daemon.
class FakeAgent final : public schema::Agent::Server {
 public:
  using Exec = ExecContext;
  using Submit = SubmitContext;
  using Jobs = JobsContext;
  using Await = AwaitJobsContext;
  using ReadLog = ReadLogContext;
  using Cancel = CancelJobsContext;

  // Called on the daemon's thread.
  struct Script {
    std::function<kj::Promise<void>(Exec)> exec = nullptr;
    std::function<kj::Promise<void>(Submit)> submit = nullptr;
    std::function<kj::Promise<void>(Jobs)> jobs = nullptr;
    std::function<kj::Promise<void>(Await)> await = nullptr;
    std::function<kj::Promise<void>(ReadLog)> readLog = nullptr;
    std::function<kj::Promise<void>(Cancel)> cancel = nullptr;
    bool refusesHello = false;
  };

  explicit FakeAgent(const Script& script) : script_(script) {}
  kj::Promise<void> exec(Exec context) override { return script_.exec ? script_.exec(context) : Server::exec(context); }
  kj::Promise<void> submit(Submit context) override {
    return script_.submit ? script_.submit(context) : Server::submit(context);
  }
  kj::Promise<void> jobs(Jobs context) override { return script_.jobs ? script_.jobs(context) : Server::jobs(context); }
  kj::Promise<void> awaitJobs(Await context) override {
    return script_.await ? script_.await(context) : Server::awaitJobs(context);
  }
  kj::Promise<void> readLog(ReadLog context) override {
    return script_.readLog ? script_.readLog(context) : Server::readLog(context);
  }
  kj::Promise<void> cancelJobs(Cancel context) override {
    return script_.cancel ? script_.cancel(context) : Server::cancelJobs(context);
  }

 private:
  const Script& script_;
};

class FakeDoor final : public schema::Door::Server {
 public:
  explicit FakeDoor(const FakeAgent::Script& script) : script_(script) {}
  kj::Promise<void> hello(HelloContext context) override {
    auto results = context.getResults();
    results.initDaemon().setVersion("9.9.9");
    if (script_.refusesHello) {
      encode({ErrorKind::AGENT_UNREACHABLE, Reason::VERSION_MISMATCH, "another protocol"}, results.initError());
    } else {
      results.setAgent(kj::heap<FakeAgent>(script_));
    }
    return kj::READY_NOW;
  }

 private:
  const FakeAgent::Script& script_;
};

// Serves from its making to its end, or to stop().
class FakeDaemon {
 public:
  FakeDaemon(std::string socket, FakeAgent::Script script) : socket_(std::move(socket)), script_(std::move(script)) {
    std::promise<void> ready;
    auto isReady = ready.get_future();
    thread_ = std::thread([this, &ready]() { serve(ready); });
    isReady.get();
  }
  ~FakeDaemon() { stop(); }

  // Does it on the daemon's thread.
  void run(std::function<void()> what) const {
    executor_->executeSync([&]() { what(); });
  }

  // Ends it with all its connections.
  void stop() {
    if (!thread_.joinable()) return;
    run([this]() { end_->fulfill(); });
    thread_.join();
  }

 private:
  void serve(std::promise<void>& ready) {
    auto io = kj::setupAsyncIo();
    auto lock = SocketLock::take(socket_);
    auto listener = LocalListener::open(lock.value());
    auto receiver = io.lowLevelProvider->wrapListenSocketFd(listener.value().fd());
    capnp::TwoPartyServer server(kj::heap<FakeDoor>(script_));
    auto serving = server.listen(*receiver);
    auto end = kj::newPromiseAndFulfiller<void>();
    end_ = kj::mv(end.fulfiller);
    executor_ = kj::getCurrentThreadExecutor().addRef();
    ready.set_value();
    end.promise.exclusiveJoin(kj::mv(serving)).wait(io.waitScope);
  }

  std::string socket_;
  FakeAgent::Script script_;
  kj::Own<kj::PromiseFulfiller<void>> end_;
  kj::Own<const kj::Executor> executor_;
  std::thread thread_;
};

}  // namespace cbs::client
