// How a client and a daemon find and lose each other.
#include "common/client/link.h"
#include "tests/unit/client/client_world.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cbs::client {
namespace {

using cbsession::ErrorKind;

kj::Promise<void> accept(FakeAgent::Submit context) {
  context.getResults().setId(kj::str("job-", context.getParams().getRequest().getName()));
  return kj::READY_NOW;
}

// Tells that a call has come, and never answers it.
template <typename Context>
std::function<kj::Promise<void>(Context)> holding(std::promise<void>& came) {
  return [&came](Context) -> kj::Promise<void> {
    came.set_value();
    return kj::NEVER_DONE;
  };
}

TEST_CASE("a daemon that is not there is told as such, and found once it is") {
  World world;
  auto failure = failureOf(world.client.submit({}));
  CHECK(failure.kind == ErrorKind::agentUnreachable);
  CHECK(failure.reason == "notRunning");
  CHECK(failure.fact("socket") == world.socket);
  CHECK(failureOf(world.client.exec({.target = "h"})).reason == "notRunning");
  CHECK(failureOf(world.client.wait("a")).reason == "notRunning");
  FakeDaemon daemon(world.socket, {.submit = accept});
  CHECK(soon(world.client.submit({.name = "a"})) == "job-a");
}

TEST_CASE("what an Error says is for people") {
  World world;
  try {
    soon(world.client.jobs());
    FAIL("it did not fail");
  } catch (const std::exception& error) {
    CHECK(std::string(error.what()).starts_with("agentUnreachable/notRunning: "));
  }
}

TEST_CASE("a daemon of another version is told as such, with its facts") {
  World world;
  FakeDaemon daemon(world.socket, {.submit = accept, .refusesHello = true});
  auto failure = failureOf(world.client.submit({}));
  CHECK(failure.kind == ErrorKind::agentUnreachable);
  CHECK(failure.reason == "versionMismatch");
  CHECK(failure.fact("daemonVersion") == "9.9.9");
  CHECK(failureOf(world.client.wait("a")).reason == "versionMismatch");
}

TEST_CASE("a call that the daemon does not know is a matter of its version") {
  World world;
  FakeDaemon daemon(world.socket, {});
  for (const auto& failure : {failureOf(world.client.submit({})), failureOf(world.client.exec({.target = "h"}))}) {
    CHECK(failure.kind == ErrorKind::agentUnreachable);
    CHECK(failure.reason == "versionMismatch");
  }
}

TEST_CASE("what answers with garbage is no daemon") {
  World world;
  auto lock = SocketLock::take(world.socket);
  auto listener = LocalListener::open(lock.value());
  for (std::string_view garbage : {"", "HTTP/1.1 400 Bad Request\r\n\r\n", "\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    auto call = world.client.jobs();
    int socket = -1;
    while (socket < 0) socket = accept4(listener->fd(), nullptr, nullptr, SOCK_CLOEXEC);
    CHECK(send(socket, garbage.data(), garbage.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(garbage.size()));
    close(socket);
    INFO(garbage);
    CHECK(failureOf(call).kind == ErrorKind::agentUnreachable);
  }
}

TEST_CASE("a call under way when the daemon ends fails, and the next one finds the new daemon at once") {
  World world;
  for (int i = 0; i < 20; ++i) {
    std::promise<void> came;
    FakeDaemon daemon(world.socket, {.submit = accept, .jobs = holding<FakeAgent::Jobs>(came)});
    CHECK(soon(world.client.submit({.name = "a"})) == "job-a");
    auto call = world.client.jobs();
    soon(came.get_future());
    daemon.stop();
    FakeDaemon next(world.socket, {.submit = accept});
    CHECK(soon(world.client.submit({.name = "b"})) == "job-b");
    auto failure = failureOf(call);
    CHECK(failure.kind == ErrorKind::agentUnreachable);
    CHECK(failure.reason == "connectionLost");
  }
}

TEST_CASE("a connection is not used that has ended while the client was busy") {
  World world;
  std::promise<void> busy, restarted;
  FakeDaemon daemon(world.socket, {.exec = [](FakeAgent::Exec context) {
                      return print(context.getParams().getOutput(), schema::OutputStream::STDOUT, "x");
                    }});
  auto wait = [&](cbsession::Stream, std::string_view) {
    busy.set_value();
    restarted.get_future().wait();
  };
  auto command = world.client.exec({.target = "h", .line = "x"}, {.onOutput = wait});
  soon(busy.get_future());
  auto late = world.client.submit({.name = "a"});
  daemon.stop();
  FakeDaemon next(world.socket, {.submit = accept});
  restarted.set_value();
  CHECK(soon(late) == "job-a");
  CHECK(soon(command).state == cbsession::State::unknown);
}

TEST_CASE("a connection is over as soon as the daemon has closed it, before the event loop hears of it") {
  World world;
  auto io = kj::setupAsyncIo();
  Link link({io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider}, world.socket);
  FakeDaemon daemon(world.socket, {});
  auto connection = link.get().wait(io.waitScope);
  REQUIRE(connection.has_value());
  CHECK_FALSE((*connection)->over());
  CHECK(link.get().wait(io.waitScope) == connection);
  daemon.stop();
  CHECK((*connection)->over());
  CHECK(link.get().wait(io.waitScope).error().reason == Reason::NOT_RUNNING);
}

TEST_CASE("all that is pending fails when the client goes, and its commands are dropped") {
  World world;
  auto client = std::make_unique<cbsession::Client>(world.options(1));
  std::promise<void> came, dropped, waiting;
  FakeDaemon daemon(world.socket,
                    {.exec = [&](FakeAgent::Exec context) -> kj::Promise<void> {
                       context.getResults().setCommand(kj::heap<FakeCommand>([&]() { dropped.set_value(); }));
                       came.set_value();
                       return kj::READY_NOW;
                     },
                     .await = holding<FakeAgent::Await>(waiting)});
  std::vector<std::future<cbsession::Result>> commands;
  commands.reserve(3);
  for (int i = 0; i < 3; ++i) commands.push_back(client->exec({.target = "h", .line = "x"}));
  auto wait = client->wait("a");
  soon(came.get_future());
  soon(waiting.get_future());
  auto late = client->jobs();
  client.reset();
  soon(dropped.get_future());
  for (auto& command : commands) {
    auto failure = failureOf(command);
    CHECK(failure.kind == ErrorKind::cancelled);
    CHECK(failure.reason == "callerGone");
  }
  CHECK(failureOf(wait).kind == ErrorKind::cancelled);
  CHECK(failureOf(late).kind != ErrorKind::none);
}

TEST_CASE("a client that never called goes without a word, and one that was moved works") {
  World world;
  FakeDaemon daemon(world.socket, {.submit = accept});
  cbsession::Client moved(std::move(world.client));
  CHECK(soon(moved.submit({.name = "a"})) == "job-a");
  cbsession::Client unused(world.options());
  unused = std::move(moved);
  CHECK(soon(unused.submit({.name = "b"})) == "job-b");
}

TEST_CASE("a program's signals are left to the program's own threads") {
  sigset_t wanted, before, pending;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGUSR2);
  World world;
  pthread_sigmask(SIG_BLOCK, &wanted, &before);
  kill(getpid(), SIGUSR2);  // would end the process if a thread took it
  sigpending(&pending);
  CHECK(sigismember(&pending, SIGUSR2) == 1);
  int taken = 0;
  sigwait(&wanted, &taken);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(taken == SIGUSR2);
}

TEST_CASE("a request that is too large is refused here, and disturbs no other call") {
  World world;
  std::promise<void> came;
  FakeDaemon daemon(world.socket, {.submit = accept, .jobs = holding<FakeAgent::Jobs>(came)});
  auto other = world.client.jobs();
  soon(came.get_future());
  std::string large(8 << 20, 'x');
  CHECK(failureOf(world.client.exec({.target = "h", .line = large})).reason == "badRequest");
  auto failure = failureOf(world.client.submit({.command = {.target = "h", .line = large}}));
  CHECK(failure.kind == ErrorKind::usage);
  CHECK(failure.reason == "badRequest");
  CHECK(other.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
}

}  // namespace
}  // namespace cbs::client
