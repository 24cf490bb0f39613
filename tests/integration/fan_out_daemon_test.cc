// Many hosts at once, as a caller of the daemon's sees them. They are addresses of one sshd.
#include "tests/support/fan_out_caller.h"
#include "tests/support/lab.h"

#include <catch2/catch_test_macros.hpp>

#include <unistd.h>

#include <chrono>
#include <filesystem>

namespace cbs::test {
namespace {

using State = schema::Outcome::State;

// Its commands know as $h which host it is: 127.0.1.3 is 3.
constexpr auto kWhich = "set -- $SSH_CONNECTION; h=${3##*.}; ";

struct ManyHosts {
  explicit ManyHosts(const AgentSettings& settings = {}) : sshd({.address = "0.0.0.0"}), agent(settings) {
    agent.addHost("127.0.1.*", sshd, "HostName %h\n  HostKeyAlias [127.0.0.1]:" + std::to_string(sshd.port()));
    agent.start();
  }

  // Runs it on the first `count` hosts, numbered from 1.
  FanOutCaller run(unsigned count, const std::string& line, FanOutSpec spec = {}) const {
    for (unsigned i = 1; i <= count; ++i) spec.targets.push_back("127.0.1." + std::to_string(i));
    spec.line = kWhich + line;
    return FanOutCaller(agent.socket(), spec);
  }
  size_t filesOf(const std::string& folder) const {
    std::filesystem::directory_iterator files(sshd.remoteFolder() + "/" + folder);
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }

  Sshd sshd;
  PrivateAgent agent;
};

TEST_CASE("a command on many hosts gets the same input everywhere, batch after batch") {
  ManyHosts hosts;
  std::string input(300'000, 'i');
  auto caller = hosts.run(40, "echo $h; wc -c; exit $((h % 2))", {.input = input, .atOnce = 10, .batch = 15});
  caller.awaitFinish();
  for (const auto& [index, host] : caller.told().hosts) {
    CHECK(host.started == 1);
    CHECK(host.out == std::to_string(index + 1) + "\n300000\n");
    CHECK(host.state == State::EXITED);
    CHECK(host.status == static_cast<int>((index + 1) % 2));
  }
  CHECK(caller.told().ended == 40);
}

TEST_CASE("a host that prints much and hosts that hang hold no other one back, and a signal ends them") {
  ManyHosts hosts;
  auto caller = hosts.run(20,
                          "case $h in 1) head -c 50000000 /dev/zero;; 2|3) echo up; exec sleep 1000;; "
                          "*) echo $h;; esac");
  auto& told = caller.told();
  caller.await([&]() { return told.ended == 18 && told.hosts[1].bytes + told.hosts[2].bytes == 6; });
  CHECK(told.hosts[0].bytes == 50'000'000);
  CHECK(told.hosts[19].out == "20\n");
  caller.signal("TERM");
  caller.awaitFinish();
  CHECK(told.hosts[1].signal == "TERM");
  CHECK(told.hosts[2].signal == "TERM");
}

TEST_CASE("what runs on many hosts ends with its caller, also if that does not read any more") {
  ManyHosts hosts;
  auto folder = hosts.sshd.remoteFolder() + "/ended";
  std::filesystem::create_directory(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  {
    auto caller = hosts.run(8, "trap 'echo > " + folder + "/$h; exit' TERM; echo up; while :; do echo $h; done");
    caller.await([&]() { return caller.told().hosts.size() == 8 && caller.told().hosts[7].bytes > 3; });
    caller.told().answer = []() -> kj::Promise<void> { return kj::NEVER_DONE; };
    CHECK(hosts.agent.cli({"exec", "127.0.1.9", "echo also"}).out == "also\n");
  }
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (hosts.filesOf("ended") < 8) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    usleep(10'000);
  }
}

TEST_CASE("no other host begins once too many cannot be reached, or at the deadline for all") {
  ManyHosts hosts;
  {
    auto failing = hosts.run(3, "echo never", {.targets = {"127.0.0.1:1"}, .atOnce = 1, .maxFailures = 0});
    failing.awaitFinish();
    CHECK(failing.told().hosts[0].error->kind == ErrorKind::UNREACHABLE);
    CHECK(failing.told().endedWith(Reason::FAILURES_EXCEEDED) == 3);
  }
  auto late = hosts.run(3, "echo up; exec sleep 1000", {.atOnce = 2, .deadlineMs = 3000});
  late.awaitFinish();
  CHECK(late.told().started == 2);
  CHECK(late.told().hosts[0].error->reason == Reason::COMMAND_TIMED_OUT);
  CHECK(late.told().hosts[0].error->fact("timeoutMs") == "3000");
  CHECK(late.told().hosts[2].error->reason == Reason::WAIT_TIMED_OUT);
}

TEST_CASE("more hosts at once than there may be connections take turns on them") {
  ManyHosts hosts({.ssh = "max_connections_per_instance = 5\n"});
  auto caller = hosts.run(30, "echo $h");
  caller.awaitFinish();
  CHECK(caller.told().endedWith(Reason::UNSPECIFIED) == 30);
  CHECK(caller.told().hosts[29].out == "30\n");
}

TEST_CASE("a fan-out that is under way when the daemon is replaced goes on where it is") {
  ManyHosts hosts;
  auto caller = hosts.run(4, "echo $h; read x < /dev/null; sleep 0.2", {.atOnce = 1});
  caller.await([&]() { return caller.told().hosts[0].bytes > 0; });
  REQUIRE(hosts.agent.cli({"agent", "reload", "--exec"}, "", milliseconds(60'000)).code == 0);
  caller.awaitFinish();
  CHECK(caller.told().endedWith(Reason::UNSPECIFIED) == 4);
}

}  // namespace
}  // namespace cbs::test
