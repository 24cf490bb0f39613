// Signals on their way to the remote command, and callers who die.
#include "tests/support/lab.h"

#include <signal.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

// Runs on the host until a signal comes, and leaves the signal's name behind.
std::string trapping(const std::string& mark, const std::string& signal) {
  return "trap 'echo " + signal + " >" + mark + "; exit 7' " + signal + "; echo ready; while :; do sleep 0.02; done";
}

std::string awaitFile(const Lab& lab, const std::string& file) {
  return lab.exec("until test -s " + file + "; do sleep 0.02; done; cat " + file).out;
}

TEST_CASE("a signal to the CLI is passed on, and the command decides what becomes of it") {
  for (auto [number, name] : {std::pair{SIGINT, "INT"}, {SIGTERM, "TERM"}, {SIGHUP, "HUP"}}) {
    Lab lab;
    std::string mark = lab.sshd.remoteFolder() + "/mark";
    auto process = lab.agent.startCli({"exec", "web1", trapping(mark, name)});
    process.out().until("ready");
    process.signal(number);
    auto result = process.finish();
    CHECK(result.code == 7);
    CHECK(readFile(mark) == std::string(name) + "\n");
  }
}

TEST_CASE("Ctrl-C ends a command that does nothing about it") {
  Lab lab;
  auto process = lab.agent.startCli({"exec", "web1", "echo ready; exec sleep 60"});
  process.out().until("ready");
  process.signal(SIGINT);
  CHECK(process.finish().code == 128 + SIGINT);
}

TEST_CASE("a second Ctrl-C leaves at once, and the command is ended all the same") {
  Lab lab;
  std::string mark = lab.sshd.remoteFolder() + "/mark";
  auto process = lab.agent.startCli(
      {"exec", "web1",
       "trap 'echo got INT' INT; trap 'echo TERM >" + mark + "; exit' TERM; echo ready; while :; do sleep 0.02; done"});
  process.out().until("ready");
  process.signal(SIGINT);
  process.out().until("got INT");
  process.signal(SIGINT);
  CHECK(process.finish().code == 128 + SIGINT);
  CHECK(awaitFile(lab, mark) == "TERM\n");
}

TEST_CASE("a CLI that is killed takes its command along, and its lane is free again") {
  Lab lab({}, {.command = "core_pool_size = 1\nmax_pool_size = 1\n"});
  std::string mark = lab.sshd.remoteFolder() + "/mark";
  auto process = lab.agent.startCli({"exec", "web1", trapping(mark, "TERM")});
  process.out().until("ready");
  process.signal(SIGKILL);
  CHECK(process.finish().code == 128 + SIGKILL);
  CHECK(awaitFile(lab, mark) == "TERM\n");
}

TEST_CASE("a CLI that is killed while it waits for a lane leaves the queue") {
  Lab lab({}, {.command = "core_pool_size = 1\nmax_pool_size = 1\n"});
  auto first = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  first.out().until("ready");
  auto second = lab.agent.startCli({"exec", "web1", "touch " + lab.sshd.remoteFolder() + "/second"});
  while (lab.agent.cli({"stats", "--output", "json"}).out.find("\"depth\":1") == std::string::npos) {
  }
  second.signal(SIGKILL);
  second.finish();
  CHECK(first.finish().code == 0);
  CHECK(lab.exec("test -e " + lab.sshd.remoteFolder() + "/second").code == 1);
}

TEST_CASE("Ctrl-C takes a command out of the queue") {
  Lab lab({}, {.command = "core_pool_size = 1\nmax_pool_size = 1\n"});
  auto first = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  first.out().until("ready");
  auto second = lab.agent.startCli({"exec", "web1", "true"});
  while (lab.agent.cli({"stats", "--output", "json"}).out.find("\"depth\":1") == std::string::npos) {
  }
  second.signal(SIGINT);
  CHECK(second.finish().code == 246);
  CHECK(first.finish().code == 0);
}

}  // namespace
}  // namespace cbs::test
