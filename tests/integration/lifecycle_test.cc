// The daemon's beginning and end.
#include "tests/support/activated_daemon.h"
#include "tests/support/failure.h"
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <signal.h>
#include <sys/stat.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <list>

namespace cbs::test {
namespace {

const Environment kAutostart = {{"CBSESSION_AUTOSTART", "1"}};

TEST_CASE("the first command starts the daemon, and the next one uses it") {
  Sshd sshd;
  PrivateAgent agent;
  agent.addHost("web1", sshd);
  CHECK(agent.startCli({"exec", "web1", "echo one"}, kAutostart).finish().out == "one\n");
  auto status = agent.cli({"agent", "status"});
  CHECK(status.code == 0);
  CHECK(contains(status.out, "running, pid "));
  CHECK(agent.startCli({"exec", "web1", "echo two"}, kAutostart).finish().out == "two\n");
  CHECK(agent.cli({"agent", "status"}).out.substr(0, 20) == status.out.substr(0, 20));
}

TEST_CASE("of twenty commands that find no daemon, one starts it, and all work") {
  Sshd sshd;
  PrivateAgent agent({.command = "core_pool_size = 20\n"});
  agent.addHost("web1", sshd);
  std::list<CliProcess> processes;
  for (int i = 0; i < 20; ++i) processes.push_back(agent.startCli({"exec", "web1", "echo fine"}, kAutostart));
  for (CliProcess& process : processes) {
    auto result = process.finish();
    CHECK(result.out == "fine\n");
    CHECK(result.err == "");
  }
  CHECK(contains(agent.cli({"stats", "--output", "json"}).out, "\"accepted\":20"));
}

TEST_CASE("agent start, status and stop say what they did") {
  PrivateAgent agent;
  CHECK(agent.cli({"agent", "status"}).code == 3);
  auto started = agent.cli({"agent", "start"});
  CHECK(started.code == 0);
  CHECK(contains(started.out, "started, pid "));
  CHECK(contains(agent.cli({"agent", "start"}).out, "already running, pid "));
  CHECK(agent.cli({"agent", "status"}).code == 0);
  CHECK(agent.cli({"agent", "stop"}).code == 0);
  CHECK(agent.cli({"agent", "status"}).code == 3);
  CHECK_FALSE(std::filesystem::exists(agent.socket()));
}

TEST_CASE("a second daemon for a socket is refused, and says who has it") {
  Lab lab;
  auto result = lab.agent.startDaemon({"--socket", lab.agent.socket(), "--config", lab.agent.configFile()}).finish();
  CHECK(result.code == 3);
  CHECK(result.err == "cbsession-agentd: already running, pid " + std::to_string(lab.agent.pid()) + "\n");
  CHECK(lab.exec("echo fine").out == "fine\n");
}

TEST_CASE("a daemon that was killed leaves nothing that hinders the next one") {
  Lab lab;
  REQUIRE(lab.exec("true").code == 0);
  lab.agent.kill();
  CHECK(lab.agent.cli({"exec", "web1", "true"}).code == 240);
  lab.agent.start();
  CHECK(lab.exec("echo fine").out == "fine\n");
}

TEST_CASE("the socket's folder is made for its owner only") {
  PrivateAgent agent;
  std::string folder = agent.folder().path("run") + "/cbsession";
  auto daemon = agent.startDaemon({"--socket", folder + "/agentd.sock"});
  daemon.err().until("app: ready");
  struct stat info;
  REQUIRE(stat(folder.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  daemon.signal(SIGTERM);
  CHECK(daemon.finish().code == 0);
}

TEST_CASE("SIGTERM without work ends the daemon at once, with 0, and without its socket") {
  for (int number : {SIGTERM, SIGINT}) {
    Lab lab;
    REQUIRE(lab.exec("true").code == 0);
    lab.agent.process().signal(number);
    CHECK(lab.agent.process().wait().code == 0);
    CHECK_FALSE(std::filesystem::exists(lab.agent.socket()));
  }
}

TEST_CASE("at SIGTERM a running command may end, and its status is told") {
  Lab lab;
  auto process = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat; exit 5"});
  process.out().until("ready");
  lab.agent.process().signal(SIGTERM);
  while (std::filesystem::exists(lab.agent.socket())) {
  }
  CHECK(process.finishWithInput("last words").code == 5);
  CHECK(process.out().text() == "ready\nlast words");
  CHECK(lab.agent.process().wait().code == 0);
}

TEST_CASE("a command that outlasts the grace period is cancelled (246), and the daemon ends with 0") {
  Lab lab;
  auto process = lab.agent.startCli({"exec", "web1", "echo ready; sleep 60"});
  process.out().until("ready");
  CHECK(lab.agent.cli({"agent", "stop", "--grace", "100ms"}).code == 0);
  auto result = process.finish();
  CHECK(result.code == 246);
  CHECK(contains(result.err, "the daemon is ending"));
  CHECK(lab.agent.process().wait().code == 0);
}

TEST_CASE("a second SIGTERM does not wait for the grace period") {
  Lab lab;
  auto process = lab.agent.startCli({"exec", "web1", "echo ready; exec sleep 600"});
  process.out().until("ready");
  auto stopping = lab.agent.startCli({"agent", "stop", "--grace", "10m"});
  while (std::filesystem::exists(lab.agent.socket())) {
  }
  lab.agent.process().signal(SIGTERM);
  CHECK(process.finish().code == 246);
  CHECK(stopping.finish().code == 0);
}

TEST_CASE("commands that wait when the daemon ends are told that they were not sent (244)") {
  Lab lab({}, {.command = "core_pool_size = 1\nmax_pool_size = 1\n"});
  auto running = lab.agent.startCli({"exec", "web1", "echo ready; sleep 60"});
  running.out().until("ready");
  auto waiting = lab.agent.startCli({"exec", "web1", "true"});
  while (!contains(lab.agent.cli({"stats", "--output", "json"}).out, "\"depth\":1")) {
  }
  CHECK(lab.agent.cli({"agent", "stop", "--grace", "1ms"}).code == 0);
  CHECK(running.finish().code == 246);
  CHECK(waiting.finish().code == 244);
}

TEST_CASE("a socket that systemd has opened is served") {
  PrivateAgent agent;
  ActivatedDaemon daemon(agent);
  CHECK(agent.cli({"agent", "status"}).code == 0);
  daemon.process().signal(SIGTERM);
  CHECK(daemon.process().wait().code == 0);
  CHECK(std::filesystem::exists(agent.socket()));  // it is systemd's
}

}  // namespace
}  // namespace cbs::test
