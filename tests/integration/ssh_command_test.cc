// `cbsession ssh`: ssh's arguments over the pool, and what is handed over to the real ssh.
#include "tests/support/ssh_tool_lab.h"
#include "tests/support/terminal.h"
#include "tests/support/text.h"

#include <signal.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("ssh runs a command with its input, output and status, as ssh does") {
  SshToolLab lab;
  auto result = lab.ssh({"web1", "echo", "a  b", "$((1+1));", "cat;", "echo to err >&2;", "exit 3"}, "input\n");
  CHECK(result.code == 3);
  CHECK(result.out == "a b 2\ninput\n");
  CHECK(result.err == "to err\n");
  CHECK(lab.ssh({"-n", "web1", "cat; echo end"}, "input\n").out == "end\n");
  CHECK(lab.ssh({"web1", "exit 255"}).code == 255);
  CHECK(lab.ssh({"web1", "kill -TERM $$"}).code == 255);
  CHECK(lab.ssh({"-v", "web1", "true"}).err.find("a pooled connection after") != std::string::npos);
}

TEST_CASE("ssh without a command gives a login shell, which reads its commands from what is no terminal") {
  SshToolLab lab;
  auto result = lab.ssh({"web1"}, "echo \"<$0>\"; shopt -q login_shell 2>/dev/null; exit 4\n");
  CHECK(result.code == 4);
  CHECK(contains(result.out, "<-"));
  CHECK(lab.ssh({"-n", "web1"}).code == 0);
}

TEST_CASE("ssh finds the host with the user, port, key and configuration that it is given") {
  SshToolLab lab;
  auto port = std::to_string(lab.sshd.port());
  Words known = {"-o", "UserKnownHostsFile=known_hosts", "-oGlobalKnownHostsFile=none"};
  auto ssh = [&](Words words) {
    words.insert(words.begin(), known.begin(), known.end());
    return lab.ssh(words);
  };
  lab.agent.folder().write("id", readFile(lab.sshd.keyFile()), 0600);
  auto user = lab.sshd.user();
  for (const auto& words : std::vector<Words>{
           {"-p", port, "-l", user, "-i", "id", "127.0.0.1", "id -un"},
           {"-i", "id", "-oUser=" + user, "-o", "Port " + port, "127.0.0.1", "id", "-un"},
           {"-i", "id", "ssh://" + user + "@127.0.0.1:" + port, "id -un"},
           {"127.0.0.1", "-p" + port, "-l" + user, "-4i", "id", "--", "id", "-un"},
       }) {
    auto result = ssh(words);
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(result.out == user + "\n");
  }
  lab.agent.folder().write("other", "Host elsewhere\n HostName 127.0.0.1\n Port " + port + "\n User " + user + "\n");
  CHECK(ssh({"-F", "other", "-i", "id", "elsewhere", "echo fine"}).out == "fine\n");
  CHECK(ssh({"-J", "web1", "-i", "id", "-p", port, user + "@127.0.0.1", "echo $SSH_CONNECTION"}).code == 0);
  CHECK(contains(lab.agent.cli({"connections"}).out, "via web1"));
  CHECK(lab.handedOver() == "");
}

TEST_CASE("a key file that is missing is passed over, as ssh does it") {
  SshToolLab lab;
  auto missing = lab.ssh({"-i", "no-such-key", "web1", "echo fine"});
  CHECK(missing.out == "fine\n");
  CHECK(missing.err ==
        "cbsession: warning: the key file " + lab.here("no-such-key") + " is passed over: No such file or directory\n");
  CHECK(lab.ssh({"-qi", "no-such-key", "web1", "true"}).err == "");
  CHECK(count(lab.sshd.log(), "Accepted publickey") == 1);
}

TEST_CASE("options that a connection does not depend on share the pooled one") {
  SshToolLab lab;
  CHECK(lab.exec("true").code == 0);
  for (const auto& words : std::vector<Words>{
           {"-oConnectTimeout=5", "-oControlMaster=auto", "-oControlPath=/tmp/none-%C", "-oControlPersist=60s", "web1"},
           {"-C", "-x", "-a", "-T", "-oSendEnv=LC_X", "-oClearAllForwardings=yes", "web1"},
           {lab.sshd.user() + "@web1"}}) {
    auto all = words;
    all.push_back("true");
    CHECK(lab.ssh(all).code == 0);
  }
  CHECK(count(lab.sshd.log(), "Accepted publickey") == 1);
}

TEST_CASE("ssh -tt and ssh at a terminal give a terminal, -T none") {
  SshToolLab lab;
  CHECK(contains(lab.ssh({"-tt", "web1", "test -t 0 && echo yes"}).out, "yes"));
  auto refused = lab.ssh({"-t", "web1", "test -t 0 || echo no"});
  CHECK(refused.out == "no\n");
  CHECK(contains(refused.err, "no terminal is asked for"));

  Terminal terminal(81, 25);
  auto program = lab.agent.cliProgram({"ssh", "web1"});
  program.descriptors = {{0, terminal.slave()}, {1, terminal.slave()}, {2, terminal.slave()}};
  program.controllingTerminal = true;
  ChildProcess shell(program);
  terminal.closeSlave();
  terminal.type("stty size; exit 7\r");
  terminal.screen().until("25 81\r\n");
  CHECK(shell.wait().code == 7);
}

TEST_CASE("a signal ends ssh at once, and the remote command with it") {
  SshToolLab lab;
  auto ssh = lab.agent.startCli(
      {"ssh", "web1",
       "trap 'echo ended >" + lab.there("ended") + "; exit' TERM HUP; echo ready; while :; do sleep 0.1; done"});
  ssh.out().until("ready\n");
  ssh.signal(SIGTERM);
  auto result = ssh.finish();
  CHECK(result.code == 255);
  CHECK(result.err == "");
  CHECK(
      lab.exec("for i in $(seq 100); do test -e " + lab.there("ended") + " && exit 0; sleep 0.1; done; exit 1").code ==
      0);
}

TEST_CASE("ssh ends with 255 and a sentence where it comes to nothing") {
  SshToolLab lab;
  auto unknown = lab.ssh({"-z", "web1"});
  CHECK(unknown.code == 255);
  CHECK(unknown.err == "cbsession: ssh: unknown option -z. Next: cbsession ssh --help\n");
  auto refused = lab.ssh({"-p", "1", "-q", "web1", "true"});
  CHECK(refused.code == 255);
  CHECK(contains(refused.err, "connection refused"));
  CHECK(lab.ssh({"-oBatchMode=yes", "-oPubkeyAuthentication=no", "web1", "true"}).code == 255);
  CHECK(lab.ssh({"-E", "log", "-p", "1", "web1", "true"}).err == "");
  CHECK(contains(readFile(lab.here("log")), "connection refused"));
  CHECK(lab.ssh({"-s", "web1", "nonsense"}).code == 255);
  CHECK(lab.handedOver() == "");
  CHECK(contains(lab.ssh({"--help"}).out, "ssh's own arguments"));
}

TEST_CASE("what the pool does not do is handed over to the real ssh, with the input that it has not read") {
  SshToolLab lab;
  lab.agent.addHost("strange", lab.sshd, "RemoteCommand id");
  auto forward = lab.ssh({"-L", "1:b:2", "web1", "a b"});
  CHECK(forward.code == 77);
  CHECK(forward.out == "real ssh: -L 1:b:2 web1 a b\n");
  CHECK(forward.err == "cbsession: ssh -L is not done over the pool: handing over to " + lab.here("real-ssh") + "\n");
  CHECK(lab.ssh({"-qN", "web1"}).err == "");
  CHECK(contains(lab.ssh({"-G", "web1"}).out, "\nport "));

  lab.agent.folder().write("real-ssh", "#!/bin/sh\n[ \"$1\" != -G ] || exec ssh \"$@\"\necho \"$*:\" $(cat)\n", 0700);
  auto strange = lab.ssh({"strange", "x"}, "all of it\n");
  CHECK(strange.out == "strange x: all of it\n");
  CHECK(contains(strange.err, "RemoteCommand"));
  lab.agent.stop();
  auto alone = lab.ssh({"web1", "x"}, "input\n");
  CHECK(alone.out == "web1 x: input\n");
  CHECK(contains(alone.err, "no daemon runs"));
  CHECK(contains(alone.err, "handing over to"));
}

TEST_CASE("a program that is called ssh is never handed over to itself") {
  SshToolLab lab;
  auto folder = lab.agent.folder().makeFolder("bin");
  runProgram({"ln", "-s", lab.program(), folder + "/ssh"});
  std::string path = folder + ":" + std::getenv("PATH");
  CHECK(lab.run({folder + "/ssh", "web1", "echo", "fine"}, {{"PATH", path}}).out == "fine\n");
  CHECK(contains(lab.run({folder + "/ssh", "-G", "web1"}, {{"PATH", path}, {"CBSESSION_SSH", ""}}).out, "\nport "));
  lab.agent.folder().write("real-ssh", "#!/bin/sh\nexec '" + folder + "/ssh' \"$@\"\n", 0700);
  auto circle = lab.ssh({"-N", "web1"});
  CHECK(circle.code == 255);
  CHECK(contains(circle.err, "leads back here"));
}

}  // namespace
}  // namespace cbs::test
