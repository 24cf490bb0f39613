// The pool, as its users see it: reuse, limits, idle connections, and what the daemon tells of them.
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <catch2/catch_test_macros.hpp>

#include <list>

namespace cbs::test {
namespace {

size_t logins(const Sshd& sshd) {
  std::string log = sshd.log();
  size_t count = 0;
  for (size_t at = 0; (at = log.find("Accepted publickey", at)) != std::string::npos; ++at) ++count;
  return count;
}

TEST_CASE("commands one after the other share one connection") {
  Lab lab;
  for (int i = 0; i < 5; ++i) CHECK(lab.exec("true").code == 0);
  CHECK(logins(lab.sshd) == 1);
  auto stats = lab.agent.cli({"stats", "--output", "json"}).out;
  CHECK(contains(stats, "\"created\":1"));
  CHECK(contains(stats, "\"reused\":4"));
  CHECK(contains(stats, "\"commandsDone\":5"));
}

TEST_CASE("two names for one host, user and port share a connection, two users do not") {
  Sshd sshd;
  PrivateAgent agent;
  agent.addHost("web1", sshd);
  agent.addHost("alias", sshd);
  agent.start();
  CHECK(agent.cli({"exec", "web1", "true"}).code == 0);
  CHECK(agent.cli({"exec", "alias", "true"}).code == 0);
  CHECK(logins(sshd) == 1);
  CHECK(agent.cli({"exec", "nobody-of-that-name@web1", "true"}).code == 242);
}

TEST_CASE("a connection that is idle for long is closed") {
  Lab lab({}, {.ssh = "connection_idle_timeout_ms = 100\ncleanup_interval_ms = 50\n"});
  CHECK(lab.exec("true").code == 0);
  std::string stats;
  do {
    stats = lab.agent.cli({"stats", "--output", "json"}).out;
  } while (!contains(stats, "\"connectionsIdle\":0"));
  CHECK(contains(stats, "\"closed\":1"));
  CHECK(lab.exec("echo fine").out == "fine\n");
  CHECK(logins(lab.sshd) == 2);
}

TEST_CASE("a host gets as many connections as it may, and no more") {
  Lab lab({}, {.ssh = "max_connections_per_host = 2\nmax_channels_per_connection = 2\n"});
  std::list<CliProcess> processes;
  for (int i = 0; i < 8; ++i) processes.push_back(lab.agent.startCli({"exec", "web1", "sleep 0.1"}));
  for (CliProcess& process : processes) CHECK(process.finish().code == 0);
  CHECK(logins(lab.sshd) == 2);
}

TEST_CASE("connections lists what there is, for a person and for a program") {
  Lab lab;
  REQUIRE(lab.exec("true").code == 0);
  auto text = lab.agent.cli({"connections"});
  CHECK(text.code == 0);
  CHECK(contains(text.out, "web1"));
  CHECK(contains(text.out, "idle"));
  CHECK(contains(text.out, "aes128-gcm"));
  auto json = lab.agent.cli({"connections", "--output", "json"}).out;
  CHECK(contains(json, "\"host\":\"web1\""));
  CHECK(contains(json, "\"state\":\"idle\""));
  CHECK(contains(json, "\"address\":\"127.0.0.1:" + std::to_string(lab.sshd.port()) + "\""));
  CHECK(contains(json, "\"serverVersion\":\"SSH-2.0-OpenSSH"));
}

TEST_CASE("health is 0 when all is well, and 2 when there is no daemon") {
  Lab lab;
  auto well = lab.agent.cli({"health"});
  // On a busy machine the event loop is late.
  bool onlyLate = well.code == 1 && contains(well.out, "[loopLag, ") && count(well.out, "Next: ") == 1;
  CHECK((onlyLate || (well.code == 0 && well.out == "healthy\n")));
  lab.agent.kill();
  CHECK(lab.agent.cli({"health"}).code == 2);
}

TEST_CASE("stats counts lanes, callers and what the process uses") {
  Lab lab({}, {.command = "core_pool_size = 7\n"});
  auto json = lab.agent.cli({"stats", "--output", "json"}).out;
  CHECK(contains(json, "\"corePoolSize\":7"));
  CHECK(contains(json, "\"callers\":1"));
  CHECK(contains(json, "\"pid\":" + std::to_string(lab.agent.pid())));
  CHECK_FALSE(contains(json, "\"residentBytes\":0,"));
  CHECK(lab.agent.cli({"stats"}).code == 0);
}

TEST_CASE("a full queue rejects (244), and says what the limit is") {
  Lab lab({}, {.command = "core_pool_size = 1\nmax_pool_size = 1\nqueue_capacity = 1\n"});
  auto running = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  running.out().until("ready");
  auto waiting = lab.agent.startCli({"exec", "web1", "true"});
  while (!contains(lab.agent.cli({"stats", "--output", "json"}).out, "\"depth\":1")) {
  }
  auto rejected = lab.exec("true");
  CHECK(rejected.code == 244);
  CHECK(contains(rejected.err, "queue is full"));
  running.finish();
  CHECK(waiting.finish().code == 0);
}

TEST_CASE("a host that fails again and again is left alone for a while (241), and then tried again") {
  Lab lab({}, {.rest = "[breaker]\nfailure_threshold = 2\nopen_ms = 300\n"});
  lab.sshd.kill();
  std::string reasons;
  for (int i = 0; i < 4; ++i) {
    auto result = lab.agent.cli({"exec", "--output", "json", "web1", "true"});
    CHECK(result.code == 241);
    reasons += result.out;
  }
  CHECK(contains(reasons, "\"reason\":\"connectionRefused\""));
  CHECK(contains(reasons, "\"reason\":\"breakerOpen\""));
  lab.sshd.restart();
  CliResult result;
  do {
    result = lab.exec("echo fine");
  } while (result.code == 241);
  CHECK(result.out == "fine\n");
}

}  // namespace
}  // namespace cbs::test
