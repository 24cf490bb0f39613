// The commands that look into the pool and act on it.
#include "tests/support/lab.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/text.h"

#include <signal.h>
#include <sys/resource.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstring>
#include <fstream>
#include <list>

namespace cbs::test {
namespace {

// Asks for the statistics until they contain this.
void awaitStats(const PrivateAgent& agent, const std::string& part) {
  while (!contains(agent.cli({"stats", "--output", "json"}).out, part)) {
  }
}

void configure(const PrivateAgent& agent, const std::string& lines) {
  std::ofstream(agent.configFile(), std::ios::app) << lines;
}

TEST_CASE("explain tells of a host that was never seen what would happen, and connects to nothing") {
  Lab lab;
  auto text = lab.agent.cli({"explain", "web1"});
  CHECK(text.code == 0);
  CHECK(contains(text.out, "127.0.0.1 port " + std::to_string(lab.sshd.port()) + " as " + lab.sshd.user()));
  CHECK(contains(text.out, lab.sshd.keyFile()));
  CHECK(contains(text.out, "known as ssh-ed25519"));
  CHECK(contains(text.out, "last login   none yet"));
  CHECK(contains(lab.agent.cli({"stats", "--output", "json"}).out, "\"created\":0"));
}

TEST_CASE("explain tells of a host in use its connections, limits and the phases of its login") {
  Lab lab({}, {.rest = "[host.\"web*\"]\nmax_connections_per_host = 3\n"});
  REQUIRE(lab.exec("true").code == 0);
  auto text = lab.agent.cli({"explain", "web1"}).out;
  CHECK(contains(text, "0 busy, 1 idle"));
  CHECK(contains(text, "3 connections of 10 channels"));
  CHECK(contains(text, "handshake "));
  CHECK(contains(text, "breaker      closed"));
  auto json = lab.agent.cli({"explain", "web1", "--output", "json"}).out;
  CHECK(contains(json, "\"hostKeysKnown\":true"));
  CHECK(contains(json, "\"maxConnections\":3"));
}

TEST_CASE("explain tells why a host is left alone, and breaker reset lets it be tried again") {
  Lab lab({}, {.rest = "[breaker]\nfailure_threshold = 1\nopen_ms = 600000\n"});
  lab.sshd.kill();
  REQUIRE(lab.exec("true").code == 241);
  auto text = lab.agent.cli({"explain", "web1"}).out;
  CHECK(contains(text, "breaker      open, 1 failures in a row; the next attempt may be made in "));
  CHECK(contains(text, "connection refused"));
  CHECK(contains(lab.agent.cli({"health"}).out, "breakersOpen"));
  lab.sshd.restart();
  CHECK(lab.exec("true").code == 241);
  CHECK(lab.agent.cli({"breaker", "reset", "web1"}).out == "web1: may be tried again\n");
  CHECK(lab.exec("echo fine").out == "fine\n");
  CHECK(lab.agent.cli({"breaker", "reset", "--all"}).out == "0 hosts may be tried again\n");
}

TEST_CASE("a login that was refused is not repeated before its time, and says so as a matter of authentication") {
  Lab lab;
  CHECK(lab.agent.cli({"exec", "nobody-of-that-name@web1", "true"}).code == 242);
  auto again = lab.agent.cli({"exec", "--output", "json", "nobody-of-that-name@web1", "true"});
  CHECK(again.code == 242);
  CHECK(contains(again.out, "\"reason\":\"breakerOpen\""));
  CHECK(contains(again.out, "\"lastReason\":\"keysRefused\""));
  CHECK(lab.exec("true").code == 0);
}

TEST_CASE("disconnect closes what is idle at once, and what is busy when its command has ended") {
  Lab lab;
  CHECK(lab.agent.cli({"disconnect", "web1"}).out == "web1: no connection\n");
  auto running = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  running.out().until("ready");
  CHECK(contains(lab.agent.cli({"disconnect", "web1"}).out, "closed 0, and 1 more when nothing uses it"));
  CHECK(contains(lab.agent.cli({"connections"}).out, "retiring"));
  auto end = running.finishWithInput("still here");
  CHECK(end.code == 0);
  CHECK(contains(end.out, "still here"));
  awaitStats(lab.agent, "\"connectionsActive\":0,\"connectionsIdle\":0");
  CHECK(lab.exec("true").code == 0);
  awaitStats(lab.agent, "\"connectionsIdle\":1");
  CHECK(lab.agent.cli({"disconnect", "--all"}).out == "all hosts: closed 1\n");
}

TEST_CASE("disconnect --now cuts what runs, whose fate is unknown (247)") {
  Lab lab;
  auto running = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  running.out().until("ready");
  CHECK(lab.agent.cli({"disconnect", "--now", "web1"}).out == "web1: closed 1\n");
  CHECK(running.finish().code == 247);
}

TEST_CASE("commands on hosts refuse what makes no sense, and nothing happens") {
  Lab lab;
  CHECK(lab.agent.cli({"disconnect"}).code == 2);
  CHECK(lab.agent.cli({"disconnect", "--all", "web1"}).code == 2);
  CHECK(lab.agent.cli({"disconnect", "-oProxyCommand=x"}).code == 2);
  CHECK(lab.agent.cli({"breaker", "reset"}).code == 2);
  CHECK(lab.agent.cli({"breaker", "mend", "web1"}).code == 2);
  CHECK(lab.agent.cli({"explain", "web 1"}).code == 2);
  CHECK(lab.agent.cli({"agent", "fly"}).code == 2);
}

TEST_CASE("reload applies new limits and drops no connection, and tells what has changed") {
  Lab lab;
  REQUIRE(lab.exec("true").code == 0);
  awaitStats(lab.agent, "\"connectionsIdle\":1");
  configure(lab.agent, "\n[host.web1]\nmax_connections_per_host = 3\n[breaker]\nopen_ms = 70\n");
  auto reloaded = lab.agent.cli({"agent", "reload"});
  CHECK(reloaded.code == 0);
  CHECK(contains(reloaded.out, "breaker.open_ms: 30000 -> 70\n"));
  CHECK(contains(reloaded.out, "host.web1.max_connections_per_host: (not set) -> 3\n"));
  CHECK(contains(lab.agent.cli({"explain", "web1"}).out, "3 connections of 10 channels"));
  CHECK(contains(lab.agent.cli({"stats", "--output", "json"}).out, "\"created\":1"));
  CHECK(lab.exec("true").code == 0);
  CHECK(contains(lab.agent.cli({"stats", "--output", "json"}).out, "\"created\":1"));
  CHECK(lab.agent.cli({"agent", "reload"}).out == "nothing has changed\n");
}

TEST_CASE("a faulty file changes nothing at a reload, and says why") {
  Lab lab;
  configure(lab.agent, "\n[breaker]\nopen_ms = 70\nopen_sesame = 1\n");
  auto reloaded = lab.agent.cli({"agent", "reload"});
  CHECK(reloaded.code == 2);
  CHECK(contains(reloaded.err, "open_sesame: unknown key"));
  CHECK(contains(reloaded.err, "nothing has changed"));
  CHECK(contains(lab.agent.cli({"stats"}).out, "pid"));
  CHECK(lab.exec("true").code == 0);
}

TEST_CASE("SIGHUP reloads as well") {
  Lab lab;
  configure(lab.agent, "\n[host.web1]\nmax_connections_per_host = 3\n");
  lab.agent.process().signal(SIGHUP);
  while (!contains(lab.agent.cli({"explain", "web1"}).out, "3 connections of 10 channels")) {
  }
}

TEST_CASE("a queue that a reload makes wider lets those in who wait") {
  Lab lab({}, {.command = "core_pool_size = 1\nmax_pool_size = 1\n"});
  auto running = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  running.out().until("ready");
  auto waiting = lab.agent.startCli({"exec", "web1", "true"});
  awaitStats(lab.agent, "\"depth\":1");
  std::string config = readFile(lab.agent.configFile());
  for (auto key : {"core_pool_size = 1", "max_pool_size = 1"}) config.replace(config.find(key) + strlen(key), 0, "0");
  std::ofstream(lab.agent.configFile()) << config;
  CHECK(lab.agent.cli({"agent", "reload"}).code == 0);
  CHECK(waiting.finish().code == 0);
  CHECK(running.finish().code == 0);
}

TEST_CASE("drain lets what was accepted run to its end, refuses the rest (244), and then the daemon ends") {
  Lab lab({}, {.command = "core_pool_size = 1\nmax_pool_size = 1\n"});
  auto running = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  running.out().until("ready");
  auto waiting = lab.agent.startCli({"exec", "web1", "echo waited"});
  awaitStats(lab.agent, "\"depth\":1");
  auto drain = lab.agent.startCli({"agent", "drain"});
  while (!contains(lab.agent.cli({"health"}).out, "draining")) {
  }
  auto refused = lab.exec("true");
  CHECK(refused.code == 244);
  CHECK(running.finishWithInput("fed").code == 0);
  auto waited = waiting.finish();
  CHECK(waited.code == 0);
  CHECK(waited.out == "waited\n");
  auto drained = drain.finish();
  CHECK(drained.code == 0);
  CHECK(contains(drained.out, "stopped, pid"));
  CHECK(lab.agent.cli({"agent", "status"}).code == 3);
}

TEST_CASE("a host that goes silent in the middle of a command is given up (247), and its neighbour is not disturbed") {
  Sshd sshd;
  TcpProxy wire("127.0.0.1", sshd.port());
  PrivateAgent agent({.ssh = "keepalive_interval_ms = 2000\n"});
  agent.addHostAt(wire.port(), "silent", sshd);
  agent.addHost("web1", sshd);
  agent.start();
  auto running = agent.startCli({"exec", "-i", "silent", "echo ready; cat"});
  running.out().until("ready");
  wire.stall();
  for (int i = 0; i < 5; ++i) CHECK(agent.cli({"exec", "web1", "true"}).code == 0);
  CHECK(running.running());
  auto end = running.finish(std::chrono::seconds(60));
  CHECK(end.code == 247);
  CHECK(contains(end.err, "does not answer any more"));
}

TEST_CASE("when descriptors run out commands are refused as overload (244), and the daemon goes on") {
  constexpr int kHosts = 80;
  constexpr int kEnough = 5;
  auto host = [](int i) { return "web" + std::to_string(i); };
  Sshd sshd({.address = "0.0.0.0"});
  PrivateAgent agent({.command = "core_pool_size = 50\n"});
  for (int i = 1; i <= kHosts; ++i) {
    auto number = std::to_string(i);
    agent.addHost(host(i), sshd,
                  "HostName 127.0.0." + number + "\n  HostKeyAlias [127.0.0.1]:" + std::to_string(sshd.port()));
  }
  agent.start();
  REQUIRE(agent.cli({"exec", host(1), "true"}).code == 0);
  rlimit few{kHosts, kHosts};
  REQUIRE(prlimit(agent.pid(), RLIMIT_NOFILE, &few, nullptr) == 0);
  int refused = 0;
  for (int i = 2; i <= kHosts && refused < kEnough; ++i) {
    auto end = agent.cli({"exec", host(i), "true"});
    if (end.code == 0) continue;
    INFO(end.err);
    CHECK(end.code == 244);
    CHECK(contains(end.err, "no file descriptors left"));
    ++refused;
  }
  CHECK(refused == kEnough);
  CHECK(agent.cli({"exec", host(1), "true"}).code == 0);  // connections that are there still work
  CHECK(contains(agent.cli({"health"}).out, "descriptorsNearlyUsed"));
  CHECK(agent.cli({"disconnect", "--all"}).code == 0);
  awaitStats(agent, "\"connectionsIdle\":0");
  CHECK(agent.cli({"exec", host(kHosts), "true"}).code == 0);
}

TEST_CASE("a hundred and more CLIs at once log in to a default server without one being dropped") {
  Lab lab({.limits = SshdOptions::Limits::kDefaults},
          {.ssh = "max_connections_per_host = 20\n", .command = "core_pool_size = 200\nmax_pool_size = 200\n"});
  std::list<CliProcess> processes;
  for (int i = 0; i < 150; ++i) processes.push_back(lab.agent.startCli({"exec", "web1", "true"}));
  for (CliProcess& process : processes) CHECK(process.finish(std::chrono::seconds(60)).code == 0);
  CHECK_FALSE(contains(lab.sshd.log(), "MaxStartups"));
}

}  // namespace
}  // namespace cbs::test
