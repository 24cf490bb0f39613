#include "cli/exec/remote_run.h"

#include "cli/exec/exec_options.h"
#include "tests/unit/cli/fake_agent.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using schema::OutputStream;

// Runs one command against a fake daemon, its output captured.
struct Run {
  explicit Run(FakeAgent::Behaviour behaviour, bool refuses = false) : daemon(kj::mv(behaviour), refuses) {}

  kj::Promise<ExecEnd> start(const ExecOptions& options, OutputTarget& output, StandardStream* input = nullptr) {
    auto request = daemon.client->agent().execRequest();
    describeExec(options, request.initRequest());
    run = kj::heap<RemoteRun>(*daemon.client, LocalEnds{output, interrupts, input, nullptr, nullptr});
    return run->run(kj::mv(request));
  }
  ExecEnd finish(const ExecOptions& options = {.target = "web1", .command = {"true"}}) {
    return start(options, captured).wait(daemon.io.waitScope);
  }
  const std::string& out() { return captured.stream(OutputStream::STDOUT).bytes; }
  const std::string& err() { return captured.stream(OutputStream::STDERR).bytes; }

  FakeDaemon daemon;
  CapturedOutput captured;
  Interrupts interrupts{daemon.io.unixEventPort, {SIGINT, SIGTERM}};
  kj::Own<RemoteRun> run;
};

struct TestPipe {
  TestPipe() {
    int ends[2];
    KJ_SYSCALL(pipe2(ends, O_CLOEXEC));
    in = kj::AutoCloseFd(ends[0]);
    out = kj::AutoCloseFd(ends[1]);
  }
  kj::AutoCloseFd in, out;
};

TEST_CASE("both streams arrive apart and in order, then the status") {
  Run run([](auto, schema::OutputSink::Client output) {
    return print(output, OutputStream::STDOUT, "one ")
        .then([=]() mutable { return print(output, OutputStream::STDERR, std::string("e\0r", 3)); })
        .then([=]() mutable { return print(output, OutputStream::STDOUT, "two"); })
        .then([=]() mutable { return exited(output, 7); });
  });
  auto end = run.finish();
  CHECK(end.exitCode == 7);
  CHECK(end.error.kind == ErrorKind::NONE);
  CHECK(run.out() == "one two");
  CHECK(run.err() == std::string("e\0r", 3));
}

TEST_CASE("the request says what was asked for") {
  setenv("CBS_TEST_OWN", "mine", 1);
  ExecOptions options{
      .target = "me@web1", .command = {"ls", "-l", "a b"}, .workingDirectory = "/tmp", .timeoutMs = 1500};
  REQUIRE(addVariable("A=1=2", options));
  REQUIRE(addVariable("CBS_TEST_OWN", options));
  REQUIRE(addVariable("CBS_TEST_NOT_SET", options));
  CHECK_FALSE(addVariable("1A=x", options).has_value());
  CHECK_FALSE(addVariable("=x", options).has_value());
  Run run([](schema::ExecRequest::Reader request, schema::OutputSink::Client output) {
    auto spec = request.getSpec();
    auto argv = spec.getCommand().getArgv();
    auto text = [](capnp::Data::Reader data) { return kj::str(data.asChars()); };
    auto told = kj::str(request.getTarget(), " ", argv.size(), " ", text(argv[2]), " ",
                        text(spec.getWorkingDirectory()), " ", spec.getTimeoutMs(), " ", spec.getEnvironment().size(),
                        " ", text(spec.getEnvironment()[0].getValue()), " ", text(spec.getEnvironment()[1].getValue()));
    return print(output, OutputStream::STDOUT, told.cStr()).then([=]() mutable { return exited(output, 0); });
  });
  CHECK(run.finish(options).exitCode == 0);
  CHECK(run.out() == "me@web1 3 a b /tmp 1500 2 1=2 mine");
}

TEST_CASE("a reader that is slow holds back the sender") {
  Run run([](auto, schema::OutputSink::Client output) {
    return print(output, OutputStream::STDOUT, std::string(60000, 'x')).then([=]() mutable {
      return exited(output, 0);
    });
  });
  // Takes one chunk when told to.
  struct Slow final : OutputTarget {
    Task<Expected<void>> write(OutputStream, kj::ArrayPtr<const kj::byte> bytes) override {
      taken += bytes.size();
      auto pair = kj::newPromiseAndFulfiller<void>();
      gate = kj::mv(pair.fulfiller);
      return wait(kj::mv(pair.promise));
    }
    Task<Expected<void>> wait(kj::Promise<void> open) {
      co_await open;
      co_return Expected<void>();
    }
    size_t taken = 0;
    kj::Own<kj::PromiseFulfiller<void>> gate;
  } slow;
  auto end = run.start({.target = "h", .command = {"x"}}, slow);
  while (slow.taken == 0)
    end.poll(run.daemon.io.waitScope),
        run.daemon.io.provider->getTimer().afterDelay(0 * kj::SECONDS).wait(run.daemon.io.waitScope);
  CHECK_FALSE(end.poll(run.daemon.io.waitScope));
  slow.gate->fulfill();
  CHECK(end.wait(run.daemon.io.waitScope).exitCode == 0);
  CHECK(slow.taken == 60000);
}

TEST_CASE("output that nobody reads any more ends the run as SIGPIPE would, and drops the command") {
  TestPipe pipe;
  Run run([](auto, schema::OutputSink::Client output) {
    return print(output, OutputStream::STDOUT, "x").then([]() -> kj::Promise<void> { return kj::NEVER_DONE; });
  });
  struct ToPipe final : OutputTarget {
    ToPipe(kj::UnixEventPort& port, int fd) : stream(port, fd, StandardStream::Direction::out) {}
    Task<Expected<void>> write(OutputStream, kj::ArrayPtr<const kj::byte> bytes) override {
      return stream.write(bytes);
    }
    StandardStream stream;
  } output(run.daemon.io.unixEventPort, pipe.out);
  pipe.in = nullptr;
  auto end = run.start({.target = "h", .command = {"yes"}}, output).wait(run.daemon.io.waitScope);
  CHECK(end.exitCode == 141);
  CHECK(end.error.reason == Reason::CALLER_GONE);
}

TEST_CASE("standard input is forwarded to its end, without O_NONBLOCK on what is shared") {
  Run run([](auto, schema::OutputSink::Client) -> kj::Promise<void> { return kj::NEVER_DONE; });
  TestPipe pipe;
  std::string bytes(30000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
  StandardStream input(run.daemon.io.unixEventPort, pipe.in, StandardStream::Direction::in);
  auto ended = kj::newPromiseAndFulfiller<void>();
  run.daemon.requests.onChange = [&]() {
    if (run.daemon.requests.inputEnded) ended.fulfiller->fulfill();
  };
  auto end = run.start({.target = "h", .command = {"cat"}, .forwardStdin = true}, run.captured, &input);
  REQUIRE(write(pipe.out, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  CHECK((fcntl(pipe.in, F_GETFL) & O_NONBLOCK) == 0);
  pipe.out = nullptr;
  ended.promise.wait(run.daemon.io.waitScope);
  CHECK(run.daemon.requests.input == bytes);
  CHECK(run.daemon.requests.log == std::vector<std::string>{"end"});
}

TEST_CASE("a command that ends leaves the rest of standard input unread") {
  Run run([](auto, schema::OutputSink::Client output) { return exited(output, 0); });
  TestPipe pipe;
  StandardStream input(run.daemon.io.unixEventPort, pipe.in, StandardStream::Direction::in);
  auto end = run.start({.target = "h", .command = {"true"}, .forwardStdin = true}, run.captured, &input);
  CHECK(end.wait(run.daemon.io.waitScope).exitCode == 0);
  REQUIRE(write(pipe.out, "rest", 4) == 4);
  char rest[8];
  CHECK(read(pipe.in, rest, sizeof(rest)) == 4);
}

TEST_CASE("the first signal is passed on, the second leaves at once") {
  Run run([](auto, schema::OutputSink::Client) -> kj::Promise<void> { return kj::NEVER_DONE; });
  auto signalled = kj::newPromiseAndFulfiller<void>();
  run.daemon.requests.onChange = [&]() { signalled.fulfiller->fulfill(); };
  auto end = run.start({.target = "h", .command = {"sleep", "9"}}, run.captured);
  kill(getpid(), SIGINT);
  signalled.promise.wait(run.daemon.io.waitScope);
  CHECK(run.daemon.requests.log == std::vector<std::string>{"signal INT"});
  CHECK_FALSE(end.poll(run.daemon.io.waitScope));
  kill(getpid(), SIGTERM);
  auto left = end.wait(run.daemon.io.waitScope);
  CHECK(left.exitCode == 143);
  CHECK(left.error.reason == Reason::CALLER_CANCELLED);
}

TEST_CASE("a daemon of another version is told as such, whatever became of the calls behind the hello") {
  Run run([](auto, schema::OutputSink::Client output) { return exited(output, 0); }, /*refuses=*/true);
  auto end = run.finish();
  CHECK(end.exitCode == 240);
  CHECK(end.error.reason == Reason::VERSION_MISMATCH);
  CHECK(end.error.fact("daemonVersion") == "9.9.9");
  CHECK(end.error.fact("pid") == "4711");
}

TEST_CASE("a daemon that dies under a command leaves its fate unknown") {
  Run run([](auto, schema::OutputSink::Client output) -> kj::Promise<void> {
    return print(output, OutputStream::STDOUT, "begun").then([]() -> kj::Promise<void> { return kj::NEVER_DONE; });
  });
  auto end = run.start({.target = "h", .command = {"x"}}, run.captured);
  run.daemon.client->greeting().wait(run.daemon.io.waitScope);
  run.daemon.die();
  auto ended = end.wait(run.daemon.io.waitScope);
  CHECK(ended.exitCode == 247);
  CHECK(ended.error.kind == ErrorKind::LOST);
}

TEST_CASE("what answers with garbage is no daemon") {
  for (const std::string garbage : {"", "HTTP/1.1 400 Bad Request\r\n\r\n", "\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    auto io = kj::setupAsyncIo();
    int ends[2];
    KJ_SYSCALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    AgentClient client({io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider}, kj::AutoCloseFd(ends[0]),
                       "1");
    KJ_SYSCALL(write(ends[1], garbage.data(), garbage.size()));
    close(ends[1]);
    auto greeting = client.greeting().wait(io.waitScope);
    INFO(garbage);
    REQUIRE_FALSE(greeting.has_value());
    CHECK(greeting.error().kind == ErrorKind::AGENT_UNREACHABLE);
  }
}

TEST_CASE("captured output is bounded and says so") {
  CapturedOutput captured(5);
  auto bytes = kj::StringPtr("abcdefgh").asBytes();
  REQUIRE(captured.write(OutputStream::STDERR, bytes).take().has_value());
  CHECK(captured.stream(OutputStream::STDERR).bytes == "abcde");
  CHECK(captured.stream(OutputStream::STDERR).truncated);
  CHECK_FALSE(captured.stream(OutputStream::STDOUT).truncated);
}

}  // namespace
}  // namespace cbs::cli
