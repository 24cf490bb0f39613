// Hosts that are no use: each is told apart, in time, with the exit code that says what to do.
#include "tests/support/bad_server.h"
#include "tests/support/failure.h"
#include "tests/support/lab.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/text.h"

#include <sys/stat.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

TEST_CASE("a host that does not get as far as a login is unreachable (241), and the reason is told") {
  using Manner = BadServer::Manner;
  struct Expectation {
    Manner manner;
    const char* reason;
  };
  for (auto [manner, reason] : {Expectation{Manner::kRefuses, "connectionRefused"},
                                {Manner::kNeverAnswers, "connectTimedOut"},
                                {Manner::kStaysSilent, "handshakeTimedOut"},
                                {Manner::kSilentAfterBanner, "handshakeTimedOut"},
                                {Manner::kClosesAtOnce, "connectionClosed"},
                                {Manner::kSendsGarbage, "bannerInvalid"},
                                {Manner::kClosesAfterBanner, "connectionClosed"},
                                {Manner::kClosesAfterKexInit, "connectionClosed"}}) {
    BadServer server(manner);
    PrivateAgent agent;
    agent.addUnknownHost("bad1", server.port());
    agent.start();
    auto result = agent.cli({"exec", "--output", "json", "--connect-timeout", "500ms", "bad1", "true"});
    CAPTURE(static_cast<int>(manner), result.out, result.err);
    CHECK(result.code == 241);
    CHECK(contains(result.out, "\"state\":\"notSent\""));
    CHECK(contains(result.out, std::string("\"reason\":\"") + reason + "\""));
    CHECK(contains(result.err, "cbsession: bad1: "));
  }
}

TEST_CASE("a bad host does not hold up a good one") {
  BadServer server(BadServer::Manner::kStaysSilent);
  Lab lab;
  lab.agent.addUnknownHost("bad1", server.port());
  auto waiting = lab.agent.startCli({"exec", "--connect-timeout", "30s", "bad1", "true"});
  for (int i = 0; i < 5; ++i) CHECK(lab.exec("echo fine").out == "fine\n");
  CHECK(waiting.running());
}

TEST_CASE("a name that nobody knows is unreachable (241)") {
  Lab lab;
  auto result = lab.agent.cli({"exec", "no-such-host.invalid", "true"});
  CHECK(result.code == 241);
  CHECK(contains(result.err, "cbsession: no-such-host.invalid: "));
}

TEST_CASE("a host whose key has changed is refused (243) with both fingerprints") {
  Lab lab;
  REQUIRE(lab.exec("true").code == 0);
  lab.sshd.kill();
  lab.sshd.restartWithNewHostKeys();
  auto result = lab.agent.cli({"exec", "--output", "json", "web1", "true"});
  CAPTURE(result.out, result.err);
  CHECK(result.code == 243);
  CHECK(contains(result.out, "\"reason\":\"hostKeyChanged\""));
  CHECK(contains(result.err, "host key changed (SHA256:"));
  CHECK(contains(result.err, "expected SHA256:"));
}

TEST_CASE("a host whose key is not known is refused (243)") {
  Sshd sshd;
  PrivateAgent agent;
  agent.addUnknownHost("web2", sshd.port(), "User " + sshd.user() + "\n  IdentityFile " + sshd.keyFile());
  agent.start();
  auto result = agent.cli({"exec", "web2", "true"});
  CHECK(result.code == 243);
  CHECK(contains(result.err, "host key unknown"));
  CHECK_FALSE(contains(sshd.log(), "Accepted publickey"));
}

TEST_CASE("an empty, a broken, a missing and an unreadable key are refused (242), and the file is named") {
  Sshd sshd({.lines = {"PasswordAuthentication yes"}});
  TempFolder keys;
  std::string empty = keys.write("empty", "");
  std::string broken = keys.write("broken", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
  std::string missing = keys.path("missing");
  std::string open = keys.write("open", readFile(sshd.keyFile()), 0644);  // ssh wants it readable by its owner only
  for (const std::string& file : {empty, broken, missing, open}) {
    PrivateAgent agent;
    agent.addHost("web1", sshd, "IdentityFile " + file);
    // The host's own, good key comes second; so that this one counts, it is taken out of the way.
    auto config = agent.folder().path("ssh_config");
    std::string text = readFile(config);
    text.erase(text.find("  IdentityFile " + sshd.keyFile()), ("  IdentityFile " + sshd.keyFile()).size());
    agent.folder().write("ssh_config", text);
    agent.start();
    auto result = agent.cli({"exec", "web1", "true"});
    CAPTURE(file, result.err);
    CHECK(result.code == 242);
    CHECK(contains(result.err, "key unusable: " + file));
  }
}

TEST_CASE("a key that the server does not want, and a user whom it does not know, are refused (242)") {
  Sshd sshd({.lines = {"PasswordAuthentication yes"}});
  TempFolder keys;
  runProgram({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys.path("other")});
  PrivateAgent agent;
  agent.addUnknownHost("web1", sshd.port(), "User " + sshd.user() + "\n  IdentityFile " + keys.path("other"));
  agent.addUnknownHost("web2", sshd.port(), "User nobody-of-that-name\n  IdentityFile " + sshd.keyFile());
  agent.folder().write("known_hosts", sshd.knownHosts());
  agent.start();
  for (const char* host : {"web1", "web2"}) {
    auto result = agent.cli({"exec", host, "true"});
    CAPTURE(result.err);
    CHECK(result.code == 242);
    CHECK(contains(result.err, "it would take a password: --ask-pass"));
  }
}

TEST_CASE("when sshd dies during a command its fate is unknown (247), and the next command works") {
  Lab lab;
  auto process =
      lab.agent.startCli({"exec", "--output", "json", "web1", "touch " + lab.sshd.remoteFolder() + "/ready; sleep 60"});
  REQUIRE(lab.exec("until test -e " + lab.sshd.remoteFolder() + "/ready; do sleep 0.02; done").code == 0);
  lab.sshd.kill();
  auto result = process.finish();
  CAPTURE(result.out, result.err);
  CHECK(result.code == 247);
  CHECK(contains(result.out, "\"state\":\"unknown\""));
  lab.sshd.restart();
  CHECK(lab.exec("echo fine").out == "fine\n");
}

TEST_CASE("when a pooled connection has died unnoticed, the next command gets a new one") {
  Lab lab;
  for (int i = 0; i < 3; ++i) {
    auto result = lab.exec("echo fine");
    CAPTURE(i, result.code, result.err, lab.agent.log(), lab.sshd.log());
    CHECK(result.out == "fine\n");
    lab.sshd.killConnections();
  }
}

TEST_CASE("a connection that is cut during a command makes its fate unknown (247)") {
  Sshd sshd;
  TcpProxy proxy("127.0.0.1", sshd.port());
  PrivateAgent agent;
  agent.addHostAt(proxy.port(), "web1", sshd);
  agent.start();
  auto process = agent.startCli({"exec", "web1", "echo ready; sleep 60"});
  process.out().until("ready");
  proxy.cut();
  auto result = process.finish();
  CHECK(result.code == 247);
  CHECK(agent.cli({"exec", "web1", "echo fine"}).out == "fine\n");
}

TEST_CASE("a host that goes silent during a command does not outlast --timeout (245)") {
  Sshd sshd;
  TcpProxy proxy("127.0.0.1", sshd.port());
  PrivateAgent agent;
  agent.addHostAt(proxy.port(), "web1", sshd);
  agent.start();
  auto process = agent.startCli({"exec", "--timeout", "1s", "web1", "echo ready; sleep 60"});
  process.out().until("ready");
  proxy.stall();
  CHECK(process.finish().code == 245);
}

TEST_CASE(
    "a host that goes away, and silent when an idempotent command starts over, does not outlast --timeout (245)") {
  Sshd sshd;
  TcpProxy proxy("127.0.0.1", sshd.port());
  PrivateAgent agent;
  agent.addHostAt(proxy.port(), "web1", sshd);
  agent.addHost("direct", sshd);
  agent.start();
  std::string mark = sshd.remoteFolder() + "/started";
  auto process = agent.startCli({"exec", "--output", "json", "--idempotent", "--timeout", "4s", "--connect-timeout",
                                 "10m", "web1", "touch " + mark + "; sleep 60"});
  REQUIRE(agent.cli({"exec", "direct", "until test -e " + mark + "; do sleep 0.02; done"}).code == 0);
  proxy.stall();
  proxy.cut();
  auto result = process.finish();
  CAPTURE(result.out, result.err);
  CHECK(result.code == 245);
  CHECK(contains(result.out, "\"state\":\"unknown\""));  // the first attempt may have run
  CHECK(contains(result.out, "\"attempts\":2"));
  CHECK(contains(result.err, "timed out after 4000 ms before the command could start (again, after an attempt that"));
}

TEST_CASE("a server that rekeys every megabyte stalls nobody, with two channels busy in both directions") {
  Lab lab({.lines = {"RekeyLimit 1M"}}, {.ssh = "max_connections_per_host = 1\n"});
  std::string bytes(20'000'000, 'x');
  auto down = lab.agent.startCli({"exec", "web1", "head -c 20000000 /dev/zero | wc -c; head -c 20000000 /dev/zero"});
  auto both = lab.agent.startCli({"exec", "-i", "web1", "cat"});
  auto result = both.finishWithInput(bytes, milliseconds(60'000));
  CHECK(result.code == 0);
  CHECK(result.out == bytes);
  auto other = down.finish(milliseconds(60'000));
  CHECK(other.code == 0);
  CHECK(other.out == "20000000\n" + std::string(20'000'000, '\0'));
}

}  // namespace
}  // namespace cbs::test
