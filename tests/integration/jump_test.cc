// Hosts that are reached through others, or by a program.
#include "tests/support/bad_server.h"
#include "tests/support/lab.h"
#include "tests/support/ports.h"
#include "tests/support/text.h"

#include <catch2/catch_test_macros.hpp>

#include <list>

namespace cbs::test {
namespace {

// A host `web1` behind a host `bastion`.
struct Behind {
  explicit Behind(SshdOptions options = {}, const AgentSettings& settings = {})
      : bastion(std::move(options)), agent(settings) {
    agent.addHost("bastion", bastion);
    agent.addHost("web1", inner, "ProxyJump bastion");
  }
  CliResult exec(const std::string& host, const std::string& command = "true") const {
    return agent.cli({"exec", host, command});
  }
  Sshd bastion, inner;
  PrivateAgent agent;
};

TEST_CASE("a host is reached through its jump host, whose connection all hosts behind it share") {
  Behind lab;
  lab.agent.addHost("web2", lab.inner, "ProxyJump bastion\n  SetEnv OTHER=1");
  lab.agent.addHost("web3", lab.inner, "ProxyJump bastion\n  HostKeyAlias web3\n  StrictHostKeyChecking no");
  lab.agent.start();
  for (auto* host : {"web1", "web2", "web3", "bastion"}) {
    auto result = lab.exec(host, "echo $SSH_CONNECTION | cut -d' ' -f4");
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(result.out == std::to_string(host[0] == 'b' ? lab.bastion.port() : lab.inner.port()) + "\n");
  }
  CHECK(count(lab.bastion.log(), "Accepted publickey") == 1);
  CHECK(count(lab.inner.log(), "Accepted publickey") == 2);  // web1 and web2 are the same host
  auto listed = lab.agent.cli({"connections"}).out;
  CHECK(contains(listed, "via bastion"));
  CHECK(contains(lab.agent.cli({"explain", "web1"}).out, "way          through bastion\n"));
  auto direct = lab.agent.cli({"explain", "bastion"}).out;
  CHECK(contains(direct, "addresses    127.0.0.1:" + std::to_string(lab.bastion.port()) + "\n"));
}

TEST_CASE("what is done without is said once for each connection, and explained") {
  Lab lab;
  lab.agent.addHost("forwards", lab.sshd, "ForwardAgent yes");
  auto first = lab.agent.cli({"exec", "forwards", "true"});
  CHECK(first.code == 0);
  CHECK(first.err == "cbsession: forwards: warning: ForwardAgent yes of ssh_config is not supported\n");
  CHECK(lab.agent.cli({"exec", "forwards", "true"}).err == "");
  CHECK(contains(lab.agent.cli({"explain", "forwards"}).out, "ForwardAgent yes"));
}

TEST_CASE("a chain of three jump hosts works, each with its own key and known host") {
  Sshd first, second, third, inner;
  PrivateAgent agent;
  agent.addHost("j1", first);
  agent.addHost("j2", second);
  agent.addHost("j3", third, "ProxyJump j1,j2");
  agent.addHost("web1", inner, "ProxyJump j3");
  agent.start();
  auto result = agent.cli({"exec", "web1", "echo $SSH_CONNECTION | cut -d' ' -f4"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.out == std::to_string(inner.port()) + "\n");
  for (Sshd* sshd : {&first, &second, &third, &inner}) CHECK(count(sshd->log(), "Accepted publickey") == 1);
}

TEST_CASE("what befalls the jump host is told as such") {
  Behind lab;
  lab.agent.addHostAt(freePort(), "gone", lab.bastion);
  lab.agent.addHost("web2", lab.inner, "ProxyJump gone");
  lab.agent.addHost("denied", lab.bastion, "User nobody-at-all\n  HostName 127.0.0.1");
  lab.agent.addHost("web3", lab.inner, "ProxyJump denied");
  lab.agent.addHostAt(freePort(), "silent", lab.inner, "ProxyJump bastion");
  lab.agent.start();

  auto gone = lab.exec("web2");
  INFO(gone.err);
  CHECK(gone.code == 241);
  CHECK(contains(gone.err, "web2: jump host gone: connection refused"));
  auto denied = lab.exec("web3");
  INFO(denied.err);
  CHECK(denied.code == 242);
  CHECK(contains(denied.err, "web3: jump host denied: "));
  auto refused = lab.exec("silent");
  INFO(refused.err);
  CHECK(refused.code == 241);
  CHECK(contains(refused.err, "silent: the jump host does not connect to it (connect failed)"));
  CHECK(lab.exec("web1").code == 0);
}

TEST_CASE("a jump host that dies in mid-command is named, and the next command works") {
  Behind lab;
  lab.agent.start();
  auto running = lab.agent.startCli({"exec", "web1", "echo begun; sleep 60"});
  running.out().until("begun");
  lab.bastion.killConnections();
  auto result = running.finish();
  INFO(result.err);
  CHECK(result.code == 247);
  CHECK(contains(result.err, "the jump host bastion: "));
  CHECK(lab.exec("web1").code == 0);
}

TEST_CASE("a host behind a jump host that does not answer delays no other") {
  Behind lab;
  BadServer silent(BadServer::Manner::kNeverAnswers);
  lab.agent.addHostAt(silent.port(), "silent", lab.inner, "ProxyJump bastion");
  lab.agent.start();
  REQUIRE(lab.exec("bastion").code == 0);
  auto waiting = lab.agent.startCli({"exec", "--connect-timeout", "30s", "silent", "true"});
  while (!contains(lab.agent.cli({"connections"}).out, "connecting")) {
  }
  CHECK(lab.exec("web1").code == 0);
  CHECK(lab.exec("bastion").code == 0);
  CHECK(contains(lab.agent.cli({"connections"}).out, "connecting"));  // it is still at it
}

TEST_CASE("twenty hosts at once behind a jump host with sshd's default limits all work") {
  Behind lab({.limits = SshdOptions::Limits::kDefaults},
             {.ssh = "max_connections_per_instance = 5\nmax_tunnels_per_connection = 2\nmax_connections_per_host = 2\n",
              .command = "core_pool_size = 50\n"});
  for (int i = 0; i < 20; ++i) {
    lab.agent.addHost("host" + std::to_string(i), lab.inner,
                      "ProxyJump bastion\n  BindAddress 127.0.0." + std::to_string(i + 1));
  }
  lab.agent.start();
  std::list<CliProcess> processes;
  for (int i = 0; i < 20; ++i) processes.push_back(lab.agent.startCli({"exec", "host" + std::to_string(i), "echo ok"}));
  for (CliProcess& process : processes) {
    auto result = process.finish(milliseconds(60'000));
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(result.out == "ok\n");
  }
}

TEST_CASE("fifty megabytes each way of output pass a jump host whole") {
  Behind lab;
  lab.agent.start();
  auto result = lab.agent.cli({"exec", "web1", "head -c 50000000 /dev/zero | tee /dev/stderr | sha256sum; exit 3"}, "",
                              milliseconds(120'000));
  CHECK(result.code == 3);
  CHECK(result.err.size() == 50'000'000);
  CHECK(contains(result.out, "ab46920a3bcd0891d34367719808bc3f832e4968ddfbfb464d093e306d2275ad"));
}

TEST_CASE("a ProxyCommand carries the connection, and what it says when it fails is told") {
  Sshd sshd;
  PrivateAgent agent;
  auto port = std::to_string(sshd.port());
  agent.addHost("gate", sshd, "BatchMode yes");
  agent.addHost("web1", sshd, "ProxyCommand ssh -F " + agent.sshConfigFile() + " -W %h:%p gate");
  agent.addHost("fails", sshd, "ProxyCommand sh -c 'echo no way to %n >&2; exit 3'");
  agent.addHost("garbage", sshd, "ProxyCommand sh -c 'echo this is not SSH; sleep 60'");
  agent.addHost("missing", sshd, "ProxyCommand /no/such/program");
  agent.start();
  auto works = agent.cli({"exec", "web1", "echo $SSH_CONNECTION | cut -d' ' -f4"});
  INFO(works.err);
  CHECK(works.code == 0);
  CHECK(works.out == port + "\n");
  CHECK(contains(agent.cli({"connections"}).out, "by ProxyCommand"));

  auto fails = agent.cli({"exec", "fails", "true"});
  CHECK(fails.code == 241);
  INFO(fails.err);
  CHECK(contains(fails.err, "ProxyCommand exited with status 3: no way to fails"));
  CHECK(agent.cli({"exec", "--connect-timeout", "2s", "garbage", "true"}).code == 241);
  auto missing = agent.cli({"exec", "missing", "true"});
  INFO(missing.err);
  CHECK(missing.code == 241);
  CHECK(contains(missing.err, "/no/such/program"));
}

}  // namespace
}  // namespace cbs::test
