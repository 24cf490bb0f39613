// Everything that can be out of order with a daemon, brought about.
#include "tests/support/failure.h"
#include "tests/support/lab.h"
#include "tests/support/ports.h"
#include "tests/support/process_figures.h"
#include "tests/support/small_disk.h"
#include "tests/support/text.h"

#include <signal.h>
#include <sys/resource.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <list>

namespace cbs::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kDegraded = 1;
constexpr int kDown = 2;

// Asks for the daemon's health until this is true of it; before each time but the first something may be done.
std::string awaitHealth(
    const PrivateAgent& agent, const std::function<bool(const std::string&)>& condition,
    const std::function<void()>& meanwhile = []() {}) {
  auto deadline = Clock::now() + kSoon;
  for (;;) {
    auto health = agent.cli({"health"}).out;
    if (condition(health)) return health;
    if (Clock::now() > deadline) fail("the daemon's health does not become what it should: " + health);
    meanwhile();
  }
}

std::string awaitCondition(const PrivateAgent& agent, const std::string& code) {
  return awaitHealth(agent, [&](const std::string& health) { return contains(health, "[" + code + ", since "); });
}

void awaitEnd(const PrivateAgent& agent, const std::string& code) {
  awaitHealth(agent, [&](const std::string& health) { return !contains(health, "[" + code); });
}

void awaitStats(const PrivateAgent& agent, const std::string& part) {
  while (!contains(agent.cli({"stats", "--output", "json"}).out, part)) {
  }
}

TEST_CASE("a pool that is nearly full is told of until there is room again") {
  Sshd sshd({.address = "0.0.0.0"});
  PrivateAgent agent({.ssh = "max_connections_per_instance = 5\n"});
  for (const char* number : {"1", "2", "3", "4"}) {
    agent.addHost(
        std::string("web") + number, sshd,
        std::string("HostName 127.0.0.") + number + "\n  HostKeyAlias [127.0.0.1]:" + std::to_string(sshd.port()));
  }
  agent.start();
  for (const char* host : {"web1", "web2", "web3"}) REQUIRE(agent.cli({"exec", host, "true"}).code == 0);
  CHECK_FALSE(contains(agent.cli({"health"}).out, "poolNearlyFull"));
  REQUIRE(agent.cli({"exec", "web4", "true"}).code == 0);
  auto health = agent.cli({"health"});
  CHECK(health.code == kDegraded);
  CHECK(contains(health.out, "  degraded: 4 of 5 connections are open. Next: raise session.ssh.max_connections_per_"));
  CHECK(contains(health.out, "[poolNearlyFull, since "));
  REQUIRE(agent.cli({"disconnect", "--all"}).code == 0);
  awaitEnd(agent, "poolNearlyFull");
}

TEST_CASE("a queue that is nearly full, and one that refuses, are told of") {
  Lab lab({}, {.command = "core_pool_size = 1\nmax_pool_size = 1\nqueue_capacity = 5\n"});
  auto running = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  running.out().until("ready");
  std::list<CliProcess> waiting;
  for (int i = 0; i < 4; ++i) waiting.push_back(lab.agent.startCli({"exec", "web1", "true"}));
  CHECK(contains(awaitCondition(lab.agent, "queueNearlyFull"), "4 of 5 places in the queue are taken"));
  waiting.push_back(lab.agent.startCli({"exec", "web1", "true"}));
  awaitStats(lab.agent, "\"depth\":5");
  CHECK_FALSE(contains(lab.agent.cli({"health"}).out, "queueRejecting"));
  REQUIRE(lab.exec("true").code == 244);
  CHECK(contains(awaitCondition(lab.agent, "queueRejecting"),
                 "the queue was full, and 1 command or transfer was refused in the last minute"));
  running.finish();
  for (CliProcess& process : waiting) CHECK(process.finish().code == 0);
  awaitEnd(lab.agent, "queueNearlyFull");
  CHECK(contains(lab.agent.cli({"health"}).out, "queueRejecting"));
}

TEST_CASE("hosts that are left alone are told of until they may be tried again") {
  auto deaf = boundSocket(-1);
  PrivateAgent agent({.rest = "[breaker]\nfailure_threshold = 1\nopen_ms = 600000\n"});
  agent.addUnknownHost("deaf", portOf(deaf.get()));
  agent.start();
  REQUIRE(agent.cli({"exec", "deaf", "true"}).code == 241);
  CHECK(contains(awaitCondition(agent, "breakersOpen"), "1 host is left alone for a while"));
  REQUIRE(agent.cli({"breaker", "reset", "--all"}).code == 0);
  awaitEnd(agent, "breakersOpen");
}

TEST_CASE("a daemon whose loop was late says by how much") {
  PrivateAgent agent;
  agent.start();
  auto holdUp = [&]() {
    agent.process().signal(SIGSTOP);
    for (auto end = Clock::now() + milliseconds(500); Clock::now() < end;) agent.cli({"version"});
    agent.process().signal(SIGCONT);
  };
  auto health = awaitHealth(
      agent, [](const std::string& text) { return contains(text, "[loopLag, since "); }, holdUp);
  CHECK(contains(health, "one turn in a hundred of the event loop was "));
}

TEST_CASE("a daemon that has used up most of its descriptors says so until it may use more") {
  PrivateAgent agent;
  agent.start();
  rlimit before{}, few{};
  REQUIRE(prlimit(agent.pid(), RLIMIT_NOFILE, nullptr, &before) == 0);
  few = {.rlim_cur = openDescriptors(agent.pid()) + 1, .rlim_max = before.rlim_max};
  REQUIRE(prlimit(agent.pid(), RLIMIT_NOFILE, &few, nullptr) == 0);
  auto health = awaitCondition(agent, "descriptorsNearlyUsed");
  CHECK(contains(health, " of " + std::to_string(few.rlim_cur) + " file descriptors are in use"));
  REQUIRE(prlimit(agent.pid(), RLIMIT_NOFILE, &before, nullptr) == 0);
  awaitEnd(agent, "descriptorsNearlyUsed");
}

TEST_CASE("a state folder whose disk has little room is told of") {
  PrivateAgent agent;
  SmallDisk disk(agent.folder().path("state"), 8 << 20);
  if (!disk.mounted()) SKIP("needs root");
  agent.start();
  auto health = awaitCondition(agent, "journalNearlyFull");
  CHECK(contains(health, "of 8.0 MiB are free on the disk of " + agent.folder().path("state/cbsession")));
}

TEST_CASE("output of jobs that fills what may be kept of it is told of") {
  Lab lab({}, {.rest = "[jobs]\noutput_max_bytes = 100000\noutput_total_bytes = 100000\n"});
  auto job = lab.agent.startCli({"submit", "web1", "yes | head -c 95000; sleep 600"}).finish();
  REQUIRE(job.code == 0);
  CHECK(contains(awaitCondition(lab.agent, "journalNearlyFull"), "the output of jobs takes "));
  CHECK(lab.agent.cli({"cancel", job.out.substr(0, 16)}).code == 0);
}

TEST_CASE("a journal that cannot be opened is told of, with why") {
  PrivateAgent agent;
  std::filesystem::create_directory(agent.folder().path("state/cbsession"));
  agent.folder().write("state/cbsession/jobs.db", std::string(8192, 'x'));
  agent.start();
  auto health = agent.cli({"health"});
  CHECK(health.code == kDegraded);
  CHECK(contains(health.out, "jobs can be neither taken nor run"));
  CHECK(contains(health.out, "jobs.db is damaged"));
  CHECK(contains(health.out, "[journalUnavailable"));
}

TEST_CASE("logins that find no key, or no ssh-agent, are told of") {
  Sshd sshd;
  PrivateAgent agent;
  agent.addUnknownHost("keyless", sshd.port(), "IdentityFile none\n  IdentityAgent none");
  agent.addUnknownHost("agentless", sshd.port(), "IdentityFile none\n  IdentityAgent /nowhere/agent.sock");
  agent.folder().write("known_hosts", sshd.knownHosts());
  agent.start();
  REQUIRE(agent.cli({"exec", "keyless", "true"}).code == 242);
  CHECK(contains(awaitCondition(agent, "keysMissing"), "of the logins in the last 5 minutes 1 had no key to offer"));
  REQUIRE(agent.cli({"exec", "agentless", "true"}).code == 242);
  awaitHealth(agent, [](const std::string& health) {
    return contains(health, "1 got no answer from the ssh-agent") || contains(health, "2 had no key to offer");
  });
}

// Debian's, wherever the machine's kind has it; "": it is not installed.
std::string fakeTimeLibrary() {
  std::error_code error;
  for (const auto& folder : std::filesystem::directory_iterator("/usr/lib", error)) {
    auto library = folder.path() / "faketime/libfaketimeMT.so.1";
    if (std::filesystem::exists(library, error)) return library;
  }
  return "";
}

TEST_CASE("a clock that was set is told of, and by how much") {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  SKIP("a sanitizer wants to be the first library");
#endif
#endif
  auto library = fakeTimeLibrary();
  if (library.empty()) SKIP("needs the package faketime");
  PrivateAgent agent;
  auto file = agent.folder().write("time", "+0\n");
  agent.setVariable("LD_PRELOAD", library);
  agent.setVariable("FAKETIME_TIMESTAMP_FILE", file);
  agent.setVariable("FAKETIME_NO_CACHE", "1");
  agent.setVariable("DONT_FAKE_MONOTONIC", "1");
  agent.start();
  CHECK(agent.cli({"health"}).out == "healthy\n");
  agent.folder().write("time", "+3600\n");
  auto health = awaitHealth(agent, [](const std::string& text) { return contains(text, "clockJumped"); });
  CHECK(contains(health, "the time of day was set 1 h forward"));
}

TEST_CASE("a daemon that drains is down, and says so until its end") {
  Lab lab;
  auto running = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  running.out().until("ready");
  auto drain = lab.agent.startCli({"agent", "drain"});
  auto health = awaitCondition(lab.agent, "draining");
  CHECK(contains(health, "down\n  down: the daemon takes no new commands"));
  CHECK(lab.agent.cli({"health"}).code == kDown);
  CHECK_FALSE(contains(health, "queueRejecting"));
  running.finish();
  drain.finish();
}

TEST_CASE("what begins is in the log though nobody asks, and its time stays") {
  Sshd sshd;
  PrivateAgent agent({.ssh = "max_connections_per_instance = 1\n"});
  agent.addHost("web1", sshd);
  agent.start();
  REQUIRE(agent.cli({"exec", "web1", "true"}).code == 0);
  agent.awaitLog("condition code=poolNearlyFull text=\"1 of 1 connections are open\" next=");
  auto sinceOf = [](const std::string& json) {
    auto at = json.find("\"sinceMs\":");
    return at == json.npos ? "none" : json.substr(at, json.find_first_of(",}", at) - at);
  };
  auto since = sinceOf(agent.cli({"health", "--output", "json"}).out);
  CHECK(since != "none");
  CHECK(sinceOf(agent.cli({"health", "--output", "json"}).out) == since);
  CHECK(count(agent.log(), "poolNearlyFull") == 1);
}

TEST_CASE("the health of a daemon that is not there says what to do") {
  PrivateAgent agent;
  auto health = agent.cli({"health"});
  CHECK(health.code == kDown);
  CHECK(contains(health.out, ". Next: "));
  CHECK(contains(health.out, " [agentUnreachable]\n"));
  CHECK(contains(agent.cli({"health", "--output", "json"}).out, "\"next\":\""));
}

}  // namespace
}  // namespace cbs::test
