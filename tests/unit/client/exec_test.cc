// Client::exec against a daemon that does what the test says.
#include "tests/unit/client/client_world.h"

#include <algorithm>
#include <deque>
#include <mutex>

namespace cbs::client {
namespace {

using cbsession::ErrorKind;
using cbsession::State;
using schema::OutputStream;

// Prints, then exits.
std::function<kj::Promise<void>(FakeAgent::Exec)> printing(std::string out, std::string err, int code) {
  return [=](FakeAgent::Exec context) {
    auto output = context.getParams().getOutput();
    return print(output, OutputStream::STDOUT, out)
        .then([=]() mutable { return print(output, OutputStream::STDERR, err); })
        .then([=]() mutable { return exited(output, code); });
  };
}

TEST_CASE("a command's streams arrive apart and whole, with its status") {
  World world;
  FakeDaemon daemon(world.socket, {.exec = printing("one\n", std::string("e\0r", 3), 7)});
  auto result = soon(world.client.exec({.target = "web1", .line = "x"}));
  CHECK(result.state == State::exited);
  CHECK(result.exitCode == 7);
  CHECK_FALSE(result.succeeded());
  CHECK(result.out == "one\n");
  CHECK(result.err == std::string("e\0r", 3));
  CHECK_FALSE(result.outTruncated);
  CHECK(result.failure.kind == ErrorKind::none);
}

TEST_CASE("the daemon gets what was asked for, and the program's surroundings") {
  World world;
  setenv("SSH_AUTH_SOCK", "/run/an-agent", 1);
  cbsession::Client client(world.options());
  unsetenv("SSH_AUTH_SOCK");
  std::string told;
  FakeDaemon daemon(world.socket, {.exec = [&](FakeAgent::Exec context) {
                      auto request = context.getParams().getRequest();
                      auto spec = request.getSpec();
                      auto argv = spec.getCommand().getArgv();
                      told = kj::str(request.getTarget(), " ", argv.size(), " ", textOf(argv[2]).c_str(), " ",
                                     textOf(spec.getEnvironment()[0].getValue()).c_str(), " ",
                                     textOf(spec.getWorkingDirectory()).c_str(), " ", spec.getTimeoutMs(), " ",
                                     request.getConnectTimeoutMs(), " ", request.getIdempotent(), " ",
                                     request.getRetries(), " ", request.getPriority(), " ",
                                     request.getCaller().getAuthSock(), " ", spec.getForwardStdin())
                                 .cStr();
                      return exited(context.getParams().getOutput(), 0);
                    }});
  soon(client.exec({.target = "me@web1",
                    .argv = {"ls", "-l", "a b"},
                    .environment = {{"A", "1=2"}},
                    .workingDirectory = "/tmp",
                    .timeout = std::chrono::milliseconds(1500),
                    .connectTimeout = std::chrono::seconds(-1),
                    .idempotent = true,
                    .retries = 3,
                    .priority = cbsession::Priority::high}));
  CHECK(told == "me@web1 3 a b 1=2 /tmp 1500 0 true 3 high /run/an-agent false");
}

TEST_CASE("standard input arrives to its end") {
  struct Input final : schema::ByteSink::Server {
    Input(std::string& got, schema::OutputSink::Client output) : got(got), output(kj::mv(output)) {}
    kj::Promise<void> write(WriteContext context) override {
      got += textOf(context.getParams().getBytes());
      return kj::READY_NOW;
    }
    kj::Promise<void> end(EndContext) override { return exited(output, 0); }
    std::string& got;
    schema::OutputSink::Client output;
  };
  struct Reader final : schema::Command::Server {
    Reader(std::string& got, schema::OutputSink::Client output) : got(got), output(kj::mv(output)) {}
    kj::Promise<void> stdin(StdinContext context) override {
      context.getResults().setSink(kj::heap<Input>(got, output));
      return kj::READY_NOW;
    }
    std::string& got;
    schema::OutputSink::Client output;
  };
  std::string got;
  bool announced = false;
  World world;
  FakeDaemon daemon(world.socket, {.exec = [&](FakeAgent::Exec context) -> kj::Promise<void> {
                      announced = context.getParams().getRequest().getSpec().getForwardStdin();
                      context.getResults().setCommand(kj::heap<Reader>(got, context.getParams().getOutput()));
                      return kj::READY_NOW;
                    }});
  std::string input(300'000, 'x');
  CHECK(soon(world.client.exec({.target = "h", .line = "cat"}, {.input = input})).succeeded());
  CHECK(got == input);
  CHECK(announced);
}

TEST_CASE("a command that was not sent tells why, with the facts, and is no exception") {
  World world;
  FakeDaemon daemon(
      world.socket, {.exec = [](FakeAgent::Exec context) {
        auto request = context.getParams().getOutput().finishedRequest();
        auto outcome = request.initOutcome();
        outcome.getState().setNotSent();
        encode(Error{cbs::ErrorKind::HOST_KEY_REFUSED, Reason::HOST_KEY_CHANGED, "no"}.with("file", "known_hosts"),
               outcome.initError());
        return request.send().ignoreResult();
      }});
  auto result = soon(world.client.exec({.target = "h", .line = "x"}));
  CHECK(result.state == State::notSent);
  CHECK(result.failure.kind == ErrorKind::hostKeyRefused);
  CHECK(result.failure.reason == "hostKeyChanged");
  CHECK(result.failure.fact("file") == "known_hosts");
  CHECK(result.failure.fact("line").empty());
}

TEST_CASE("a signal that ended a command has its name") {
  World world;
  FakeDaemon daemon(world.socket, {.exec = [](FakeAgent::Exec context) {
                      auto request = context.getParams().getOutput().finishedRequest();
                      auto signalled = request.initOutcome().getState().initSignalled();
                      signalled.setName("KILL");
                      signalled.setCoreDumped(true);
                      return request.send().ignoreResult();
                    }});
  auto result = soon(world.client.exec({.target = "h", .line = "x"}));
  CHECK(result.state == State::signalled);
  CHECK(result.signal == "KILL");
  CHECK(result.coreDumped);
}

TEST_CASE("output beyond the bound is left out, and that is said") {
  World world;
  FakeDaemon daemon(world.socket, {.exec = printing("abcdefgh", "abc", 0)});
  auto result = soon(world.client.exec({.target = "h", .line = "x"}, {.keepBytes = 5}));
  CHECK(result.out == "abcde");
  CHECK(result.outTruncated);
  CHECK(result.err == "abc");
  CHECK_FALSE(result.errTruncated);
}

TEST_CASE("output is passed on as it comes, also what is not kept") {
  World world;
  FakeDaemon daemon(world.socket, {.exec = printing("abc", "de", 0)});
  std::string seen;
  auto note = [&](cbsession::Stream stream, std::string_view bytes) {
    seen += stream == cbsession::Stream::out ? "out " : "err ";
    seen += bytes;
  };
  auto result = soon(world.client.exec({.target = "h", .line = "x"}, {.keepBytes = 0, .onOutput = note}));
  CHECK(seen == "out abcerr de");
  CHECK(result.out.empty());
}

TEST_CASE("what a program throws while it gets output comes through the future and cancels the command") {
  World world;
  std::promise<void> dropped;
  FakeDaemon daemon(world.socket, {.exec = [&](FakeAgent::Exec context) {
                      context.getResults().setCommand(kj::heap<FakeCommand>([&]() { dropped.set_value(); }));
                      return print(context.getParams().getOutput(), OutputStream::STDOUT, "x");
                    }});
  auto thrower = [](cbsession::Stream, std::string_view) { throw std::logic_error("mine"); };
  CHECK_THROWS_AS(soon(world.client.exec({.target = "h", .line = "x"}, {.onOutput = thrower})), std::logic_error);
  soon(dropped.get_future());
}

TEST_CASE("a daemon that ends under a command leaves its fate unknown, and what it has printed is there") {
  World world;
  FakeDaemon daemon(world.socket, {.exec = [](FakeAgent::Exec context) {
                      context.getResults().setCommand(kj::heap<FakeCommand>());
                      return print(context.getParams().getOutput(), OutputStream::STDOUT, "begun");
                    }});
  std::promise<void> printed;
  auto running = world.client.exec({.target = "h", .line = "x"},
                                   {.onOutput = [&](cbsession::Stream, std::string_view) { printed.set_value(); }});
  soon(printed.get_future());
  daemon.stop();
  auto result = soon(running);
  CHECK(result.state == State::unknown);
  CHECK(result.failure.kind == ErrorKind::lost);
  CHECK(result.out == "begun");
}

// Holds commands until they are let go, all at once.
struct Gate {
  std::function<kj::Promise<void>(FakeAgent::Exec)> exec() {
    return [this](FakeAgent::Exec context) -> kj::Promise<void> {
      context.getResults().setCommand(kj::heap<FakeCommand>());
      outputs.push_back(context.getParams().getOutput());
      most = std::max(most, outputs.size());
      if (outputs.size() == wanted) full.set_value();
      if (open) letGo();
      return kj::READY_NOW;
    };
  }
  void letGo() {
    open = true;
    for (; !outputs.empty(); outputs.pop_front()) {
      ended.add(exited(outputs.front(), 0).eagerlyEvaluate([](kj::Exception&&) {}));
    }
  }

  size_t wanted;
  std::promise<void> full = {};
  std::deque<schema::OutputSink::Client> outputs = {};
  size_t most = 0;
  bool open = false;
  kj::Vector<kj::Promise<void>> ended = {};
};

TEST_CASE("commands beyond the limit wait in the client, and no other call waits for them") {
  World world;
  Gate gate{2};
  cbsession::Client client(world.options(2));
  FakeDaemon daemon(world.socket, {.exec = gate.exec(), .jobs = [](FakeAgent::Jobs) { return kj::READY_NOW; }});
  std::vector<std::future<cbsession::Result>> results;
  results.reserve(7);
  for (int i = 0; i < 7; ++i) results.push_back(client.exec({.target = "h", .line = "x"}));
  soon(gate.full.get_future());
  CHECK(soon(client.jobs()).jobs.empty());
  size_t most = 0;
  daemon.run([&]() {
    most = gate.most;
    gate.letGo();
  });
  CHECK(most == 2);
  for (auto& result : results) CHECK(soon(result).succeeded());
  daemon.run([&]() { gate.ended.clear(); });
}

TEST_CASE("calls are under way side by side, from many threads") {
  constexpr size_t kThreads = 8;
  constexpr size_t kEach = 20;
  World world;
  Gate gate{kThreads * kEach};
  FakeDaemon daemon(world.socket, {.exec = gate.exec()});
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::vector<std::future<cbsession::Result>> results;
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&]() {
      for (size_t j = 0; j < kEach; ++j) {
        auto result = world.client.exec({.target = "h", .line = "x"});
        std::lock_guard lock(mutex);
        results.push_back(std::move(result));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  soon(gate.full.get_future());
  daemon.run([&]() { gate.letGo(); });
  for (auto& result : results) CHECK(soon(result).succeeded());
  daemon.run([&]() { gate.ended.clear(); });
}

}  // namespace
}  // namespace cbs::client
