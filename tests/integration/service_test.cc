// The daemon under systemd, and as a service for several users.
#include "tests/support/failure.h"
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <catch2/catch_test_macros.hpp>

#include <fstream>

namespace cbs::test {
namespace {

// The end of NOTIFY_SOCKET that systemd has.
class Manager {
 public:
  explicit Manager(PrivateAgent& agent) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string path = agent.folder().path("notify");
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) failErrno("bind");
    agent.setVariable("NOTIFY_SOCKET", path);
  }

  // The next message that begins so, all of it.
  std::string await(const std::string& beginning) {
    for (;;) {
      if (!waitReadable(socket_.get(), kSoon)) fail("systemd never hears " + beginning);
      char text[4096];
      ssize_t size = recv(socket_.get(), text, sizeof(text), 0);
      std::string message(text, size > 0 ? static_cast<size_t>(size) : 0);
      heard_ += message + "\n";
      if (message.starts_with(beginning)) return message;
    }
  }
  const std::string& heard() const { return heard_; }

 private:
  UniqueFd socket_;
  std::string heard_;
};

TEST_CASE("systemd hears when the daemon is ready, reloads and ends, in that order") {
  PrivateAgent agent;
  Manager manager(agent);
  agent.start();
  manager.await("READY=1");
  agent.process().signal(SIGHUP);
  auto reloading = manager.await("RELOADING=1");
  CHECK(contains(reloading, "MONOTONIC_USEC="));
  CHECK_FALSE(contains(reloading, "MONOTONIC_USEC=0"));
  manager.await("READY=1");
  CHECK(agent.stop().code == 0);
  manager.await("STOPPING=1");
  CHECK(manager.heard().find("STOPPING=1") > manager.heard().rfind("READY=1"));
}

TEST_CASE("a reload with faults is told as one that has ended") {
  PrivateAgent agent;
  Manager manager(agent);
  agent.start();
  manager.await("READY=1");
  std::ofstream(agent.configFile()) << "nonsense = [";
  agent.process().signal(SIGHUP);
  manager.await("RELOADING=1");
  manager.await("READY=1");
  agent.awaitLog("not reloaded fault=");
}

TEST_CASE("systemd's watchdog hears from the daemon as long as it runs") {
  PrivateAgent agent;
  Manager manager(agent);
  agent.setVariable("WATCHDOG_USEC", "100000");
  agent.start();
  for (int i = 0; i < 3; ++i) CHECK(manager.await("WATCHDOG=1") == "WATCHDOG=1");
}

TEST_CASE("two daemons with one state folder: the second has no jobs, and says why") {
  Lab lab;
  REQUIRE(lab.agent.cli({"submit", "web1", "true"}).code == 0);
  std::string socket = lab.agent.folder().path("second.sock");
  auto second = lab.agent.startDaemon({"--socket", socket, "--config", lab.agent.configFile()});
  second.err().until("ready socket=");
  CHECK(contains(second.err().text(), "no jobs file="));
  CHECK(contains(second.err().text(), "jobs.db"));
  CHECK(lab.agent.cli({"exec", "--socket", socket, "web1", "echo served"}).out == "served\n");
  auto refused = lab.agent.cli({"submit", "--socket", socket, "web1", "true"});
  CHECK(refused.code == 244);
  CHECK(contains(refused.err, "no jobs: the journal cannot be used"));
  CHECK(lab.agent.cli({"submit", "web1", "true"}).code == 0);
  second.signal(SIGTERM);
  CHECK(second.finish().code == 0);
}

// Runs a shell's lines where /mnt is an empty folder of root's own; $0 is the daemon, $1 the CLI.
CliResult inOwnMount(const std::string& lines) {
  PrivateAgent agent;
  auto program = agent.cliProgram({});
  std::string script = "mount -t tmpfs -o mode=755 cbs /mnt || exit 77; cd /; " + lines;
  program.argv = {"unshare", "-m", "sh", "-c", script, agent.daemonProgram(), program.argv.front()};
  program.environment->erase("CBSESSION_SOCKET");
  program.environment->erase("CBSESSION_CONFIG");
  return CliProcess(program).finish();
}

// A daemon of nobody's at /mnt/run/agentd.sock; it has its program from a copy, as the build may be out of its sight.
constexpr const char* kServe =
    "mkdir -m 755 /mnt/run && cp \"$0\" \"$1\" /mnt && chmod 755 /mnt/cbsession*;"
    "nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/mnt/run XDG_STATE_HOME=/mnt/run \"$@\"; };"
    "chown 65534:65534 /mnt/run;"
    "printf '[http]\\nlisten = \"\"\\n' >/mnt/agentd.toml; chmod 644 /mnt/agentd.toml;"
    "nobody /mnt/cbsession agent start --socket /mnt/run/agentd.sock --config /mnt/agentd.toml >/dev/null || exit 78;";

constexpr const char* kAskAndEnd =
    "/mnt/cbsession agent status --socket /mnt/run/agentd.sock; code=$?;"
    "nobody /mnt/cbsession agent stop --socket /mnt/run/agentd.sock >/dev/null; exit $code";

TEST_CASE("a daemon of another user is trusted where only root could have put it") {
  if (geteuid() != 0) SKIP("needs root");
  auto trusted = inOwnMount(std::string(kServe) + kAskAndEnd);
  if (trusted.code == 77) SKIP("nobody may mount on this machine");
  CHECK(trusted.err == "");
  CHECK(trusted.code == 0);
  CHECK(contains(trusted.out, "running, pid "));
}

TEST_CASE("a daemon of another user is not trusted where others could have put it") {
  if (geteuid() != 0) SKIP("needs root");
  for (const char* spoil : {"chmod 1777 /mnt;", "chmod 775 /mnt;", "chown 65534 /mnt;"}) {
    INFO(spoil);
    auto refused = inOwnMount(std::string(kServe) + spoil + kAskAndEnd);
    if (refused.code == 77) SKIP("nobody may mount on this machine");
    CHECK(refused.code == 240);
    CHECK(contains(refused.err, "/mnt/run belongs to uid 65534"));
  }
}

}  // namespace
}  // namespace cbs::test
