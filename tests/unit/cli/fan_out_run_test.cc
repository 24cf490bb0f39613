#include "cli/fanout/fan_out_run.h"

#include "tests/unit/cli/fake_agent.h"
#include "tests/unit/cli/fan_out_world.h"

#include <signal.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using schema::OutputStream;

// A presenter that notes what it is told, and fails when it is to.
struct Notes final : Presenter {
  Task<Expected<void>> note(std::string what) {
    text += what + ";";
    if (what == failsAt) co_return fail(ErrorKind::CANCELLED, Reason::CALLER_GONE, "");
    co_return Expected<void>();
  }
  Task<Expected<void>> started(uint32_t host) override { return note("started " + std::to_string(host)); }
  Task<Expected<void>> output(uint32_t host, OutputStream, kj::ArrayPtr<const kj::byte> bytes) override {
    return note(std::to_string(host) + " " + std::string(viewOf(bytes)));
  }
  Task<Expected<void>> ended(uint32_t host, const HostEnd& end) override {
    return note("ended " + std::to_string(host) + " " + std::to_string(end.exitCode));
  }
  Task<Expected<void>> finish(const FanOutResults& results) override {
    return note("finish " + std::to_string(results.exitCode));
  }
  std::string text, failsAt;
};

class FakeFanOut final : public schema::FanOut::Server {
 public:
  explicit FakeFanOut(Requests& requests) : requests_(requests) {}
  ~FakeFanOut() noexcept(false) { requests_.dropped = true; }
  kj::Promise<void> signal(SignalContext context) override {
    requests_.note(std::string("signal ") + context.getParams().getName().cStr());
    return kj::READY_NOW;
  }

 private:
  Requests& requests_;
};

// What the fake daemon does with the observer.
using Script = std::function<kj::Promise<void>(schema::FanOutObserver::Client)>;

class FakeFanAgent final : public schema::Agent::Server {
 public:
  FakeFanAgent(Requests& requests, Script script) : requests_(requests), script_(kj::mv(script)) {}
  kj::Promise<void> fanOut(FanOutContext context) override {
    context.getResults().setFanOut(kj::heap<FakeFanOut>(requests_));
    running_ = script_(context.getParams().getObserver()).eagerlyEvaluate([](kj::Exception&&) {});
    return kj::READY_NOW;
  }

 private:
  Requests& requests_;
  Script script_;
  kj::Promise<void> running_ = nullptr;
};

// `started` and `ended` of hosts in one message, by their status; -1: it does not end.
kj::Promise<void> begin(schema::FanOutObserver::Client observer, std::vector<std::pair<uint32_t, int>> hosts) {
  auto request = observer.eventsRequest();
  auto events = request.initEvents(static_cast<unsigned>(hosts.size()) * 2);
  for (unsigned i = 0; i < hosts.size(); ++i) {
    auto [host, status] = hosts[i];
    events[2 * i].setHost(host);
    events[2 * i].getWhat().setStarted();
    auto last = events[2 * i + 1];
    last.setHost(host);
    if (status < 0) {
      last.getWhat().initOutput().setBytes(bytesOf("still"));
    } else {
      last.getWhat().initEnded().getState().setExited(status);
    }
  }
  return request.send();
}

// A run on three hosts.
struct Run {
  explicit Run(Script script) {
    int ends[2];
    KJ_SYSCALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    stream = io.lowLevelProvider->wrapUnixSocketFd(kj::AutoCloseFd(ends[0]));
    server = kj::heap<capnp::TwoPartyClient>(
        *stream, 1, kj::heap<FakeDoor>(kj::heap<FakeFanAgent>(requests, kj::mv(script)), false),
        capnp::rpc::twoparty::Side::SERVER);
    client = kj::heap<AgentClient>(Loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider},
                                   kj::AutoCloseFd(ends[1]), "1.2.3");
  }
  kj::Promise<int> start() {
    auto request = client->agent().fanOutRequest();
    request.initRequest().initTargets(3);
    return run.run(*client, interrupts, kj::mv(request));
  }
  int finish() { return start().wait(io.waitScope); }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  Requests requests;
  std::vector<std::string> targets = {"a", "b", "c"};
  Notes notes;
  TerminalConsole console{io.unixEventPort};
  Interrupts interrupts{io.unixEventPort, {SIGINT, SIGTERM}};
  FanOutRun run{targets, {io.provider->getTimer(), console, notes, false, false}};
  kj::Own<kj::AsyncCapabilityStream> stream;
  kj::Own<capnp::TwoPartyClient> server;
  kj::Own<AgentClient> client;
};

TEST_CASE("what happens on the hosts is shown in order, and the highest status is the whole's") {
  Run run([](auto observer) {
    return begin(observer, {{1, 3}, {0, 0}}).then([=]() mutable {
      return begin(observer, {{2, 0}}).then([=]() mutable { return observer.finishedRequest().send().ignoreResult(); });
    });
  });
  CHECK(run.finish() == 3);
  CHECK(run.notes.text == "started 1;ended 1 3;started 0;ended 0 0;started 2;ended 2 0;finish 3;");
}

TEST_CASE("events of hosts that there are not, or that have ended, are not shown") {
  Run run([](auto observer) {
    return begin(observer, {{7, 0}, {0, 0}, {0, 1}, {1, 0}, {2, 0}}).then([=]() mutable {
      return observer.finishedRequest().send().ignoreResult();
    });
  });
  CHECK(run.finish() == 0);
  CHECK(run.notes.text == "started 0;ended 0 0;started 1;ended 1 0;started 2;ended 2 0;finish 0;");
}

TEST_CASE("when the daemon dies, what had begun is unknown and the rest was not sent") {
  Run run([](auto observer) -> kj::Promise<void> {
    return begin(observer, {{0, 0}, {1, -1}}).then([]() -> kj::Promise<void> { return kj::NEVER_DONE; });
  });
  auto end = run.start();
  while (run.notes.text.find("still") == std::string::npos) {
    end.poll(run.io.waitScope);
    run.io.provider->getTimer().afterDelay(0 * kj::SECONDS).wait(run.io.waitScope);
  }
  run.server = nullptr;
  run.stream = nullptr;
  CHECK(end.wait(run.io.waitScope) == 247);
  CHECK(run.notes.text == "started 0;ended 0 0;started 1;1 still;ended 1 247;ended 2 240;finish 247;");
}

TEST_CASE("the first signal goes to all hosts, the second leaves at once") {
  Run run([](auto observer) -> kj::Promise<void> {
    return begin(observer, {{0, -1}}).then([]() -> kj::Promise<void> { return kj::NEVER_DONE; });
  });
  auto signalled = kj::newPromiseAndFulfiller<void>();
  run.requests.onChange = [&]() { signalled.fulfiller->fulfill(); };
  auto end = run.start();
  kill(getpid(), SIGINT);
  signalled.promise.wait(run.io.waitScope);
  CHECK(run.requests.log == std::vector<std::string>{"signal INT"});
  CHECK_FALSE(end.poll(run.io.waitScope));
  kill(getpid(), SIGTERM);
  CHECK(end.wait(run.io.waitScope) == 143);
  CHECK(run.notes.text.find("finish") == std::string::npos);
}

TEST_CASE("what cannot be shown any more ends it all as SIGPIPE would, and drops the work") {
  Run run([](auto observer) -> kj::Promise<void> {
    return begin(observer, {{0, -1}, {1, 0}}).then([]() -> kj::Promise<void> { return kj::NEVER_DONE; });
  });
  run.notes.failsAt = "0 still";
  CHECK(run.finish() == 141);
  CHECK(run.notes.text == "started 0;0 still;");
}

TEST_CASE("without a daemon no host begins") {
  Run run([](auto) -> kj::Promise<void> { return kj::NEVER_DONE; });
  auto end = run.run.runNothing({ErrorKind::AGENT_UNREACHABLE, Reason::NOT_RUNNING, ""});
  CHECK(kj::mv(end).promise().wait(run.io.waitScope) == 240);
  CHECK(run.notes.text == "ended 0 240;ended 1 240;ended 2 240;finish 240;");
}

}  // namespace
}  // namespace cbs::cli
