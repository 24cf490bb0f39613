// What stands between us and our keys, misbehaving: agents that are no use, and an ssh_config that anyone may write to.
#include "tests/support/fake_agent.h"
#include "tests/support/key_folder.h"
#include "tests/support/lab.h"
#include "tests/support/ssh_agent.h"
#include "tests/support/text.h"

#include <signal.h>
#include <sys/stat.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

// A server, its key in an agent, and hosts that are let in by what a fake agent makes of that.
struct Surroundings {
  Surroundings() { real.add({sshd.keyFile()}); }

  // A host that has no key but the fake agent's.
  void addHost(const std::string& alias, const FakeAgent& fake) {
    agent.addUnknownHost(
        alias, sshd.port(),
        "User " + sshd.user() + "\n  IdentityFile " + sshd.keyFile() + ".pub\n  IdentityAgent " + fake.path());
    agent.folder().write("known_hosts", sshd.knownHosts());
  }

  Sshd sshd;
  SshAgent real;
  PrivateAgent agent;
};

TEST_CASE("an agent that dies or talks nonsense is told of, and the login is refused (242)") {
  using Manner = FakeAgent::Manner;
  Surroundings around;
  struct Expectation {
    Manner manner;
    const char* host;
    const char* told;
  };
  const Expectation expectations[] = {
      {Manner::kClosesAtOnce, "closes", "it closed the connection"},
      {Manner::kDiesInRequest, "dies-in-request", "it closed the connection"},
      {Manner::kDiesInAnswer, "dies-in-answer", "its answer is cut short"},
      {Manner::kSendsGarbage, "garbage", "it answered nonsense"},
      {Manner::kSendsHugeLength, "huge-length", "it answered nonsense"},
      {Manner::kWillNotSign, "will-not-sign", "it would not sign"},
  };
  std::vector<std::unique_ptr<FakeAgent>> fakes;
  for (const Expectation& each : expectations) {
    fakes.push_back(std::make_unique<FakeAgent>(each.manner, around.real.path()));
    around.addHost(each.host, *fakes.back());
  }
  around.agent.start();
  for (const Expectation& each : expectations) {
    auto result = around.agent.cli({"exec", each.host, "true"});
    CAPTURE(each.host, result.err);
    CHECK(result.code == 242);
    CHECK(contains(result.err, each.told));
    CHECK(contains(result.err, "ssh-agent at "));
  }
}

TEST_CASE("an agent that hangs holds its own host up, for five seconds, and no other") {
  Surroundings around;
  FakeAgent fake(FakeAgent::Manner::kHangs, around.real.path());
  around.addHost("hangs", fake);
  around.agent.addHost("web1", around.sshd);
  around.agent.start();
  auto waiting = around.agent.startCli({"exec", "hangs", "true"});
  CHECK(around.agent.cli({"exec", "web1", "echo fine"}).out == "fine\n");
  CHECK(waiting.running());
  auto result = waiting.finish();
  CHECK(result.code == 242);
  CHECK(contains(result.err, "it did not answer within 5 s"));
}

TEST_CASE("an agent that is no use is passed over for a key file") {
  Surroundings around;
  FakeAgent fake(FakeAgent::Manner::kSendsGarbage, around.real.path());
  around.agent.addHost("web1", around.sshd, "IdentityAgent " + fake.path());
  around.agent.start();
  CHECK(around.agent.cli({"exec", "web1", "echo fine"}).out == "fine\n");
}

TEST_CASE("a key that waits for a touch delays its own host only") {
  Surroundings around;
  KeyFolder keys;
  around.real.add({keys.make("touch")});
  around.sshd.letIn(keys.publicLine("touch"));
  FakeAgent fake(FakeAgent::Manner::kHoldsSignature, around.real.path(), keys.publicLine("touch"));
  around.addHost("web1", fake);
  around.agent.addUnknownHost(
      "touch", around.sshd.port(),
      "User " + around.sshd.user() + "\n  IdentityFile " + keys.path("touch") + ".pub\n  IdentityAgent " + fake.path());
  around.agent.start();
  auto touching = around.agent.startCli({"exec", "touch", "echo touched"});
  fake.awaitHeldRequest();
  for (int i = 0; i < 3; ++i) {
    CHECK(around.agent.cli({"exec", "web1", "echo fine"}).out == "fine\n");
    around.agent.cli({"disconnect", "web1"});  // so that each logs in, by a signature of the same agent's
  }
  CHECK(touching.running());
  fake.release();
  auto result = touching.finish();
  CHECK(result.code == 0);
  CHECK(result.out == "touched\n");
}

TEST_CASE("a caller who has given up waiting for a touch leaves nothing behind that could run") {
  Surroundings around;
  FakeAgent fake(FakeAgent::Manner::kHoldsSignature, around.real.path(), readFile(around.sshd.keyFile() + ".pub"));
  around.addHost("touch", fake);
  around.agent.start();
  std::string trace = around.sshd.remoteFolder() + "/trace";
  auto waiting = around.agent.startCli({"exec", "touch", "touch " + trace});
  fake.awaitHeldRequest();
  waiting.signal(SIGINT);
  CHECK(waiting.finish().code == 246);
  fake.release();
  CHECK(around.agent.cli({"exec", "touch", "ls " + around.sshd.remoteFolder()}).out == "");
}

TEST_CASE("an ssh_config that others may write to is refused where ssh refuses it") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  Sshd sshd;
  PrivateAgent agent({.ownHome = true});
  agent.addHost("web1", sshd);
  const TempFolder& folder = agent.folder();
  folder.makeFolder("home/.ssh");
  folder.write("home/.ssh/config", readFile(folder.path("ssh_config")), 0666);
  std::string toml = readFile(agent.configFile());
  toml.replace(toml.find(folder.path("ssh_config")), folder.path("ssh_config").size(), "~/.ssh/config");
  folder.write("agentd.toml", toml);
  agent.start();

  auto refused = agent.cli({"exec", "web1", "true"});
  CHECK(refused.code == 241);
  CHECK(contains(refused.err, "Bad owner or permissions on "));

  chmod(folder.path("home/.ssh/config").c_str(), 0600);
  CHECK(agent.cli({"exec", "web1", "echo fine"}).out == "fine\n");
}

}  // namespace
}  // namespace cbs::test
