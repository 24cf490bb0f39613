// `cbsession stats --watch`, on a terminal and without one.
#include "tests/support/lab.h"
#include "tests/support/terminal.h"
#include "tests/support/text.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

namespace cbs::test {
namespace {

const std::string kEntered = "\x1b[?1049h";
const std::string kLeft = "\x1b[?1049l";

// `cbsession stats --watch` at a terminal of its own.
class Watching {
 public:
  explicit Watching(const std::string& interval = "200ms", const Environment& environment = {})
      : process_(start(interval, environment)) {
    terminal.closeSlave();
  }

  // Waits for a picture that was begun after all that has been seen.
  void awaitNext(const std::string& text) {
    size_t seen = terminal.screen().text().size();
    while (terminal.screen().text().find(text, seen) == std::string::npos) {
      REQUIRE(waitReadable(terminal.screen().fd(), kSoon));
      REQUIRE(terminal.screen().readSome());
    }
  }

  ChildProcess& process() { return process_; }

  Lab lab;
  Terminal terminal{80, 24};

 private:
  ChildProcess start(const std::string& interval, Environment environment) {
    environment.insert({"TERM", "xterm"});
    auto program = lab.agent.cliProgram({"stats", "--watch", "--interval", interval}, environment);
    program.descriptors = {{0, terminal.slave()}, {1, terminal.slave()}, {2, terminal.slave()}};
    program.controllingTerminal = true;
    return ChildProcess(program);
  }

  ChildProcess process_;
};

TEST_CASE("stats --watch takes the terminal over, and q gives it back as it was") {
  Watching watching;
  watching.terminal.screen().until("  pid ");
  watching.awaitNext("idle");
  CHECK_FALSE(watching.terminal.echoes());
  watching.terminal.type("q");
  CHECK(watching.process().wait().code == 0);
  auto& screen = watching.terminal.screen().toEnd();
  CHECK(contains(screen, kEntered));
  CHECK(contains(screen, "\x1b[1mcbsession"));
  CHECK_FALSE(contains(screen, "\n"));
  CHECK(screen.ends_with(kLeft));
}

TEST_CASE("stats --watch shows what happens, and a frame alone when something has changed") {
  Watching watching("1h");
  watching.terminal.screen().until("0 done");
  REQUIRE(watching.lab.exec("true").code == 0);
  while (!contains(watching.lab.agent.cli({"stats", "--output", "json"}).out, "\"commandsDone\":1,")) {
  }
  watching.terminal.type("-");
  watching.terminal.screen().until("1 done");
  watching.terminal.type("?");
  watching.terminal.screen().until("p pause, go on");
  watching.terminal.type("?p");
  watching.terminal.screen().until("paused");
  watching.terminal.type("\x03");
  CHECK(watching.process().wait().code == 0);
}

TEST_CASE("stats --watch follows the terminal's size") {
  Watching watching;
  watching.terminal.screen().until("\x1b[24;1H");
  watching.terminal.resize(60, 40);
  watching.terminal.screen().until("\x1b[40;1H");
  watching.terminal.type("q");
  CHECK(watching.process().wait().code == 0);
}

TEST_CASE("stats --watch leaves the terminal as it was when it is told to end") {
  for (int signal : {SIGTERM, SIGHUP}) {
    Watching watching;
    watching.terminal.screen().until("  pid ");
    watching.process().signal(signal);
    CHECK(watching.process().wait().code == 128 + signal);
    CHECK(watching.terminal.echoes());
    CHECK(watching.terminal.screen().toEnd().ends_with(kLeft));
  }
}

TEST_CASE("stats --watch gives the terminal back while it is stopped, and draws anew when it goes on") {
  Watching watching;
  watching.terminal.screen().until("  pid ");
  watching.process().signal(SIGTSTP);
  siginfo_t what{};
  REQUIRE(waitid(P_PID, static_cast<id_t>(watching.process().pid()), &what, WSTOPPED) == 0);
  CHECK(watching.terminal.echoes());
  watching.terminal.screen().until(kLeft);
  watching.process().signal(SIGCONT);
  watching.awaitNext("  pid ");
  CHECK_FALSE(watching.terminal.echoes());
  watching.terminal.type("q");
  CHECK(watching.process().wait().code == 0);
}

TEST_CASE("stats --watch that a shell has stopped ends when it is told to, though it has no terminal") {
  if (access("/usr/bin/bash", X_OK) != 0) SKIP("there is no bash");
  Lab lab;
  Terminal terminal{80, 24};
  auto program = lab.agent.cliProgram({}, {{"TERM", "xterm"}});
  std::string cli = program.argv[0];
  program.argv = {"/usr/bin/bash", "--norc", "--noprofile", "-i"};
  program.descriptors = {{0, terminal.slave()}, {1, terminal.slave()}, {2, terminal.slave()}};
  program.controllingTerminal = true;
  ChildProcess shell(program);
  terminal.closeSlave();
  terminal.type(cli + " stats --watch\n");
  terminal.screen().until("  pid ");
  terminal.type("\x1a");
  terminal.screen().until("Stopped");
  // `wait` would not do: it gives up at once if the shell has not noticed yet that the job goes on.
  terminal.type("kill %1; until ! kill -0 %1; do sleep 0.05; done 2>/dev/null; echo gone: $((40 + 2)).\n");
  terminal.screen().until("gone: 42.");
}

TEST_CASE("stats --watch says that the daemon has gone, starts none, and finds the next one") {
  Watching watching;
  watching.terminal.screen().until("  pid ");
  watching.lab.agent.stop();
  watching.awaitNext("no answer");
  watching.lab.agent.start();
  watching.awaitNext("pid " + std::to_string(watching.lab.agent.pid()));
  watching.terminal.type("q");
  CHECK(watching.process().wait().code == 0);
}

TEST_CASE("stats --watch has no colours where NO_COLOR is set, and only lines on a dumb terminal") {
  Watching plain("200ms", {{"NO_COLOR", "1"}});
  plain.terminal.screen().until("  pid ");
  plain.terminal.type("q");
  CHECK(plain.process().wait().code == 0);
  CHECK_FALSE(contains(plain.terminal.screen().toEnd(), "\x1b[1m"));
  Watching dumb("200ms", {{"TERM", "dumb"}});
  dumb.terminal.screen().until("cpu %");
  CHECK_FALSE(contains(dumb.terminal.screen().text(), "\x1b"));
}

TEST_CASE("stats --watch prints lines where there is no terminal, and ends after --count") {
  Lab lab;
  auto lines = lab.agent.cli({"stats", "--watch", "--interval", "200ms", "--count", "3"});
  CHECK(lines.code == 0);
  CHECK(std::count(lines.out.begin(), lines.out.end(), '\n') == 4);
  CHECK(contains(lines.out, "cmd/s"));
  auto json = lab.agent.cli({"stats", "-w", "--interval", "200ms", "--count", "2", "--output", "ndjson"});
  CHECK(json.code == 0);
  CHECK(std::count(json.out.begin(), json.out.end(), '\n') == 2);
  CHECK(json.out.starts_with("{\"daemon\":{"));
}

TEST_CASE("stats --watch without a terminal waits for the next daemon, and says so once") {
  Lab lab;
  auto watching = lab.agent.startCli({"stats", "--watch", "--interval", "200ms", "--output", "json"});
  watching.out().until("\n");
  lab.agent.stop();
  watching.err().until("Next: ");
  lab.agent.start();
  watching.out().until("\"pid\":" + std::to_string(lab.agent.pid()));
  CHECK(std::count(watching.err().text().begin(), watching.err().text().end(), '\n') == 1);
}

TEST_CASE("stats refuses intervals that make no sense, and what only --watch knows") {
  Lab lab;
  for (auto* interval : {"100ms", "2h", "soon"}) {
    CHECK(lab.agent.cli({"stats", "--watch", "--interval", interval}).code == 2);
  }
  CHECK(lab.agent.cli({"stats", "--interval", "1s"}).code == 2);
  CHECK(lab.agent.cli({"stats", "--count", "1"}).code == 2);
  CHECK(lab.agent.cli({"stats", "--output", "ndjson"}).code == 0);
}

}  // namespace
}  // namespace cbs::test
