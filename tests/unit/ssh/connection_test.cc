#include "agentd/ssh/connection.h"

#include "tests/support/bad_server.h"
#include "tests/unit/ssh/ssh_world.h"

#include <sys/ioctl.h>

#include <cerrno>
#include <vector>

namespace {

int emptyReceives = 0;  // so many times recv() finds nothing, whatever there is

}  // namespace

// Stands before libc's, for the whole program.
extern "C" ssize_t recv(int fd, void* buffer, size_t length, int flags) {
  if (emptyReceives == 0) return recvfrom(fd, buffer, length, flags, nullptr, nullptr);
  --emptyReceives;
  errno = EAGAIN;
  return -1;
}

namespace cbs::ssh {
namespace {

// Sleeps until so many bytes wait in the socket, without running the event loop.
void awaitInput(const Session& session, int bytes) {
  int waiting = 0;
  for (int milliseconds = 0; waiting < bytes; ++milliseconds) {
    if (milliseconds > 10'000) FAIL("after 10 s " << waiting << " bytes wait, not " << bytes);
    usleep(1000);
    ioctl(session.socket(), FIONREAD, &waiting);
  }
}

Ran mustRun(World& world, Connection& connection, std::string line, std::string input = "") {
  auto ran = run(connection, std::move(line), std::move(input)).promise().wait(world.io.waitScope);
  if (!ran) FAIL(nameOf(ran.error().reason) << ": " << ran.error().detail);
  return *ran;
}

TEST_CASE("names are looked up in turn, and each look-up gives its turn back") {
  World world;
  auto others = world.gate.mayLookUp().wait(world.io.waitScope);
  auto ask = [&]() { return resolve(world.loop, {"localhost", 22, AF_UNSPEC, ""}, world.gate.mayLookUp()).promise(); };
  auto waiting = ask();
  CHECK_FALSE(waiting.poll(world.io.waitScope));
  others = nullptr;
  REQUIRE(waiting.wait(world.io.waitScope));
  REQUIRE(ask().wait(world.io.waitScope));
}

TEST_CASE("a connection runs commands and tells how they ended") {
  World world;
  auto connection = world.dial();
  REQUIRE(world.judge.judged == 1);
  REQUIRE(connection->serverVersion().starts_with("SSH-2.0-OpenSSH"));
  REQUIRE(connection->cipher() == "aes128-gcm@openssh.com");

  Ran hello = mustRun(world, *connection, "echo out; echo err >&2; exit 7");
  REQUIRE(hello.out == "out\n");
  REQUIRE(hello.err == "err\n");
  REQUIRE(hello.status.kind == ExitStatus::Kind::EXITED);
  REQUIRE(hello.status.code == 7);

  REQUIRE(mustRun(world, *connection, "kill -TERM $$").status.signal == "TERM");
  REQUIRE(mustRun(world, *connection, "cat", "fed to cat").out == "fed to cat");
}

TEST_CASE("a status that never came is told from exit status zero") {
  World world;
  auto connection = world.dial();
  // The command ends the process that serves its connection, which sshd's monitor answers by closing everything.
  auto ran = run(*connection, "kill -KILL $PPID; sleep 10").promise().wait(world.io.waitScope);
  bool unknown = !ran || ran->status.kind == ExitStatus::Kind::UNKNOWN;
  REQUIRE(unknown);
}

TEST_CASE("many channels of one connection work at the same time") {
  World world;
  auto connection = world.dial();
  std::string big(300'000, 'x');
  std::vector<Task<Expected<Ran>>> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(run(*connection, "cat; echo " + std::to_string(i) + " >&2", big));
  for (int i = 0; i < 20; ++i) {
    auto ran = kj::mv(tasks[i]).promise().wait(world.io.waitScope);
    if (!ran) FAIL(nameOf(ran.error().reason) << ": " << ran.error().detail);
    REQUIRE(ran->out == big);
    REQUIRE(ran->err == std::to_string(i) + "\n");
  }
}

TEST_CASE("output that comes with its end, between the look for stdout and the one for stderr, is not lost") {
  World world;
  auto connection = world.dial();
  auto channel = connection->openChannel().promise().wait(world.io.waitScope);
  REQUIRE(channel);
  bool sent = false;
  auto& scope = world.io.waitScope;
  REQUIRE((*channel)->exec("read line; echo all of it", &sent).promise().wait(scope));
  REQUIRE((*channel)->write(kj::heapArray(kj::StringPtr("\n").asBytes())).promise().wait(scope));

  // aes128-gcm: data and exit-status are 52 bytes each, EOF and close 36.
  awaitInput((*channel)->session(), 52 + 52 + 36 + 36);
  emptyReceives = 1;
  auto chunk = (*channel)->read().promise().wait(scope);
  REQUIRE(emptyReceives == 0);
  REQUIRE(chunk);
  REQUIRE(*chunk);
  REQUIRE((*chunk)->bytes == kj::StringPtr("all of it\n").asBytes());
}

TEST_CASE("channels that the server refuses are told as overload, and others go on") {
  World world({.limits = test::SshdOptions::Limits::kDefaults, .lines = {"MaxSessions 2"}});
  auto connection = world.dial();
  std::vector<kj::Own<Channel>> held;
  for (;;) {
    auto channel = connection->openChannel().promise().wait(world.io.waitScope);
    if (!channel) {
      REQUIRE(channel.error().kind == ErrorKind::OVERLOADED);
      break;
    }
    held.push_back(kj::mv(*channel));
  }
  REQUIRE(held.size() == 2);
  REQUIRE(connection->channelsInUse() == 2);
  held.pop_back();
  auto ran = runOn(kj::mv(held.back()), "echo still here").promise().wait(world.io.waitScope);
  REQUIRE(ran);
  REQUIRE(ran->out == "still here\n");
}

TEST_CASE("of channels that are asked for at once, the first get what the server opens, and the rest are refused") {
  World world({.limits = test::SshdOptions::Limits::kDefaults, .lines = {"MaxSessions 3"}});
  auto connection = world.dial();
  std::vector<Task<Expected<kj::Own<Channel>>>> asked;
  for (int i = 0; i < 6; ++i) asked.push_back(connection->openChannel());
  std::vector<kj::Own<Channel>> held;
  for (size_t i = 0; i < asked.size(); ++i) {
    INFO(i);
    auto channel = kj::mv(asked[i]).promise().wait(world.io.waitScope);
    REQUIRE(channel.has_value() == (i < 3));
    if (channel) held.push_back(kj::mv(*channel));
    if (!channel) CHECK(channel.error().kind == ErrorKind::OVERLOADED);
  }
  CHECK(connection->channelsInUse() == 3);
  for (auto& channel : held) {
    auto ran = runOn(kj::mv(channel), "echo works").promise().wait(world.io.waitScope);
    REQUIRE(ran);
    CHECK(ran->out == "works\n");
  }
}

TEST_CASE("two busy channels survive a server that rekeys every megabyte") {
  World world({.lines = {"RekeyLimit 1M"}});
  auto connection = world.dial();
  std::string big(8 * 1024 * 1024, 'r');
  auto first = run(*connection, "cat", big);
  auto second = run(*connection, "cat", big);
  REQUIRE(kj::mv(first).promise().wait(world.io.waitScope)->out == big);
  REQUIRE(kj::mv(second).promise().wait(world.io.waitScope)->out == big);
}

TEST_CASE("an idle connection notices its death at once") {
  World world;
  auto connection = world.dial();
  bool told = false;
  connection->onChange([&]() { told = told || connection->dead(); });
  mustRun(world, *connection, "true");
  world.sshd.killConnections();
  while (!connection->dead()) world.io.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(world.io.waitScope);
  kj::evalLast([]() {}).wait(world.io.waitScope);
  REQUIRE(told);
  auto channel = connection->openChannel().promise().wait(world.io.waitScope);
  REQUIRE_FALSE(channel);
  REQUIRE(channel.error().kind == ErrorKind::LOST);
}

TEST_CASE("a dropped command gives its channel back") {
  World world;
  auto connection = world.dial();
  { auto dropped = run(*connection, "cat", std::string(4 * 1024 * 1024, 'd')); }
  { auto dropped = run(*connection, "yes | head -c 50000000"); }
  REQUIRE(mustRun(world, *connection, "echo fine").out == "fine\n");
  while (connection->channelsInUse() > 0) {
    world.io.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(world.io.waitScope);
  }
}

TEST_CASE("servers that are no use are told apart") {
  using Manner = test::BadServer::Manner;
  World world;
  auto reasonOf = [&](Manner manner) {
    test::BadServer server(manner);
    auto connection = world.tryDial(server.port());
    REQUIRE_FALSE(connection);
    REQUIRE(connection.error().kind == ErrorKind::UNREACHABLE);
    return connection.error().reason;
  };
  REQUIRE(reasonOf(Manner::kRefuses) == Reason::CONNECTION_REFUSED);
  REQUIRE(reasonOf(Manner::kClosesAtOnce) == Reason::CONNECTION_CLOSED);
  REQUIRE(reasonOf(Manner::kClosesAfterBanner) == Reason::CONNECTION_CLOSED);
  REQUIRE(reasonOf(Manner::kClosesAfterKexInit) == Reason::CONNECTION_CLOSED);
  REQUIRE(reasonOf(Manner::kSendsGarbage) == Reason::BANNER_INVALID);
  world.connectLimit = 300 * kj::MILLISECONDS;
  REQUIRE(reasonOf(Manner::kStaysSilent) == Reason::HANDSHAKE_TIMED_OUT);
  REQUIRE(reasonOf(Manner::kSilentAfterBanner) == Reason::HANDSHAKE_TIMED_OUT);
}

TEST_CASE("a host key that the judge refuses ends the login before a key is offered") {
  World world;
  world.judge.refuse = true;
  auto connection = world.tryDial();
  REQUIRE_FALSE(connection);
  REQUIRE(connection.error().reason == Reason::HOST_KEY_CHANGED);
}

}  // namespace
}  // namespace cbs::ssh
