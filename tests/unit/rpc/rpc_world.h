// The daemon's doors with an engine that does what a test wants.
#pragma once

#include "agentd/rpc/agent_server.h"
#include "agentd/rpc/job_launcher.h"
#include "tests/support/temp_folder.h"

#include <kj/async-io.h>

#include <kj/function.h>

#include <unistd.h>

#include <optional>

namespace cbs::rpc {

// Hands what it is asked for to functions. Of itself it tells that it has made seven connections, has one host, which
// has had as many commands as hosts were asked for, and four breakers that are open, one of which it names.
class FakeEngine final : public schema::Engine::Server {
 public:
  using OnExec = kj::Function<kj::Promise<void>(ExecContext)>;
  using OnTransfer = kj::Function<kj::Promise<void>(TransferContext)>;
  explicit FakeEngine(OnExec onExec) : onExec_(kj::mv(onExec)) {}
  explicit FakeEngine(OnTransfer onTransfer) : onTransfer_(kj::mv(onTransfer)) {}
  kj::Promise<void> exec(ExecContext context) override { return KJ_ASSERT_NONNULL(onExec_)(context); }
  kj::Promise<void> transfer(TransferContext context) override { return KJ_ASSERT_NONNULL(onTransfer_)(context); }

  kj::Promise<void> stats(StatsContext context) override {
    auto stats = context.getResults().initStats();
    stats.setCreated(7);
    stats.setBreakersOpen(4);
    return kj::READY_NOW;
  }
  kj::Promise<void> hosts(HostsContext context) override {
    auto host = context.getResults().initHosts(1)[0];
    host.setHost("web1");
    host.setCommands(context.getParams().getLimit());
    return kj::READY_NOW;
  }
  kj::Promise<void> breakers(BreakersContext context) override {
    context.getResults().initBreakers(1)[0].setHost("db1");
    context.getResults().setMore(3);
    return kj::READY_NOW;
  }

 private:
  kj::Maybe<OnExec> onExec_;
  kj::Maybe<OnTransfer> onTransfer_;
};

// What a caller has been told.
struct Told {
  std::string out;
  std::optional<Error> error;
  schema::Outcome::State::Which state = schema::Outcome::State::NOT_SENT;
  uint64_t queueUs = 0;
};

class RecordingSink final : public schema::OutputSink::Server {
 public:
  explicit RecordingSink(Told& told) : told_(told) {}
  kj::Promise<void> write(WriteContext context) override {
    auto bytes = context.getParams().getBytes();
    told_.out.append(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
    return kj::READY_NOW;
  }
  kj::Promise<void> finished(FinishedContext context) override {
    auto outcome = context.getParams().getOutcome();
    told_.error = decode(outcome.getError());
    told_.state = outcome.getState().which();
    told_.queueUs = outcome.getTimes().getQueueUs();
    return kj::READY_NOW;
  }

 private:
  Told& told_;
};

struct RpcWorld {
  explicit RpcWorld(FakeEngine::OnExec onExec, core::LaneLimits limits = {})
      : RpcWorld(kj::heap<FakeEngine>(kj::mv(onExec)), limits) {}
  RpcWorld(kj::Own<FakeEngine> fakeEngine, core::LaneLimits limits)
      : queue(loop.timer, limits),
        fanOutQueue(loop.timer, {.core = 1000, .max = 1000, .policy = RejectionPolicy::BLOCK}),
        engine(kj::mv(fakeEngine)),
        services{.loop = loop,
                 .config = config,
                 .resolver = resolver,
                 .queue = queue,
                 .fanOutQueue = fanOutQueue,
                 .jobs = jobs,
                 .engine = engine,
                 .work = work,
                 .vitals = vitals,
                 .callers = []() { return size_t{1}; },
                 .stop = [](kj::Duration) {},
                 .drain = [](kj::Duration) {},
                 .reload = []() { return std::vector<ConfigChange>(); },
                 .audit = audit,
                 .fanOuts = fanOuts},
        agent(kj::heap<AgentServer>(services, Caller{getuid(), "me"})) {}

  // Asks for a command at a host, and returns its handle.
  schema::Command::Client exec(Told& told, kj::StringPtr target = "127.0.0.1", uint64_t timeoutMs = 0,
                               schema::Priority priority = schema::Priority::NORMAL) {
    auto request = agent.execRequest();
    request.initRequest().setTarget(target);
    request.getRequest().initSpec().setTimeoutMs(timeoutMs);
    request.getRequest().setPriority(priority);
    request.setOutput(kj::heap<RecordingSink>(told));
    return request.send().getCommand();
  }

  // Turns the loop until the caller has been told.
  void awaitEnd(const Told& told) {
    turnUntil([&]() { return told.error.has_value(); });
  }
  template <typename Condition>
  void turnUntil(Condition condition) {
    while (!condition()) loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
  }

  test::TempFolder folder;
  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  Config config;
  identity::Resolver resolver{loop, {.configFile = "none", .privateAgent = {.folder = folder.path("keys")}}};
  queue::CommandQueue queue;
  queue::CommandQueue fanOutQueue;
  WorkLog work;
  Vitals vitals{loop.timer};
  AuditLog audit{loop, ""};
  FanOuts fanOuts;
  schema::Engine::Client engine;
  JobLauncher launcher{resolver, engine, work, audit};
  queue::JobKeeper jobs{loop, kj::systemPreciseCalendarClock(), queue, launcher, folder.path("state"), {}};
  Services services;
  schema::Agent::Client agent;
};

}  // namespace cbs::rpc
