// `cbsession exec -t`: a terminal on the host, seen from a terminal here.
#include "tests/support/lab.h"
#include "tests/support/terminal.h"

#include <signal.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

// `cbsession exec -t web1 COMMAND` at a terminal of its own.
class Sitting {
 public:
  explicit Sitting(const std::string& command) : process_(start(command)) { terminal.closeSlave(); }

  Ended wait() { return process_.wait(); }

  Lab lab;
  Terminal terminal{81, 25};

 private:
  ChildProcess start(const std::string& command) {
    auto program = lab.agent.cliProgram({"exec", "-t", "web1", command});
    program.descriptors = {{0, terminal.slave()}, {1, terminal.slave()}, {2, terminal.slave()}};
    program.controllingTerminal = true;
    return ChildProcess(program);
  }

  ChildProcess process_;
};

TEST_CASE("exec -t gives the command a terminal of our type and size") {
  Sitting sitting("test -t 0 && test -t 1 && stty size && echo $TERM");
  sitting.terminal.screen().until("25 81\r\nxterm\r\n");
  CHECK(sitting.wait().code == 0);
}

TEST_CASE("exec -t is in raw mode while the command runs, and passes key strokes on") {
  Sitting sitting("stty -echo; echo ready; read line; echo \"<$line>\"; exit 5");
  sitting.terminal.screen().until("ready");
  CHECK_FALSE(sitting.terminal.echoes());
  sitting.terminal.type("hello\r");
  sitting.terminal.screen().until("<hello>");
  CHECK(sitting.wait().code == 5);
  CHECK(sitting.terminal.echoes());
}

TEST_CASE("RequestTTY gives a command at a terminal what -t gives it, and nobody else one but by force") {
  Lab lab;
  lab.agent.addHost("wished", lab.sshd, "RequestTTY yes");
  lab.agent.addHost("forced", lab.sshd, "RequestTTY force");
  for (auto* host : {"wished", "forced"}) {
    Terminal terminal(81, 25);
    auto program =
        lab.agent.cliProgram({"exec", host, "stty size; stty -echo; echo ready; read line; echo \"<$line>\""});
    program.descriptors = {{0, terminal.slave()}, {1, terminal.slave()}, {2, terminal.slave()}};
    program.controllingTerminal = true;
    ChildProcess cli(program);
    terminal.closeSlave();
    terminal.screen().until("25 81\r\nready");
    CHECK_FALSE(terminal.echoes());
    terminal.type("hello\r");
    terminal.screen().until("<hello>");
    CHECK(cli.wait().code == 0);
  }
  CHECK(lab.agent.cli({"exec", "wished", "test -t 1"}).code == 1);
  CHECK(lab.agent.cli({"exec", "forced", "test -t 1"}).code == 0);
}

TEST_CASE("exec -t tells the command when the window's size changes") {
  Sitting sitting("trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.02; done");
  sitting.terminal.screen().until("ready");
  sitting.terminal.resize(100, 40);
  sitting.terminal.screen().until("40 100");
  CHECK(sitting.wait().code == 0);
}

TEST_CASE("Ctrl-C in a terminal is a key stroke for the command, not the end of the CLI") {
  Sitting sitting("trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.02; done");
  sitting.terminal.screen().until("ready");
  sitting.terminal.type("\x03");
  sitting.terminal.screen().until("interrupted");
  CHECK(sitting.wait().code == 9);
}

TEST_CASE("the terminal is as it was, also when the CLI is terminated") {
  Lab lab;
  Terminal terminal(80, 24);
  auto program = lab.agent.cliProgram({"exec", "-t", "web1", "stty -echo; echo ready; exec sleep 60"});
  program.descriptors = {{0, terminal.slave()}, {1, terminal.slave()}, {2, terminal.slave()}};
  program.controllingTerminal = true;
  ChildProcess cli(program);
  terminal.screen().until("ready");
  CHECK_FALSE(terminal.echoes());
  cli.signal(SIGTERM);
  CHECK(cli.wait().code == 128 + SIGTERM);
  CHECK(terminal.echoes());
}

}  // namespace
}  // namespace cbs::test
