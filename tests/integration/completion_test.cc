// Words that shells complete.
#include "tests/support/terminal.h"
#include "tests/support/transfer_lab.h"

#include <signal.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

// "" if it is not installed.
std::string pathOf(const std::string& shell) {
  std::string path = "/usr/bin/" + shell;
  return access(path.c_str(), X_OK) == 0 ? path : "";
}

Program inShell(const PrivateAgent& agent, std::vector<std::string> argv) {
  auto program = agent.cliProgram({});
  std::string cli = program.argv[0];
  program.argv = std::move(argv);
  (*program.environment)["PATH"] = cli.substr(0, cli.rfind('/')) + ":/usr/bin:/bin";
  (*program.environment)["TERM"] = "xterm";
  return program;
}

// A person at a shell, who types.
class ShellSitting {
 public:
  ShellSitting(const PrivateAgent& agent, std::vector<std::string> argv) : process_(start(agent, std::move(argv))) {
    terminal.closeSlave();
  }

  Terminal terminal{200, 24};

 private:
  ChildProcess start(const PrivateAgent& agent, std::vector<std::string> argv) {
    auto program = inShell(agent, std::move(argv));
    program.descriptors = {{0, terminal.slave()}, {1, terminal.slave()}, {2, terminal.slave()}};
    program.controllingTerminal = true;
    return ChildProcess(program);
  }

  ChildProcess process_;
};

TEST_CASE("bash completes commands, hosts, groups and files on hosts") {
  if (pathOf("bash").empty()) SKIP("there is no bash");
  TransferLab lab;
  lab.writeRemote("only one", "");
  lab.agent.folder().makeFolder("config/cbsession");
  lab.agent.folder().write("config/cbsession/groups.toml", "[groups]\nweb = \"web1\"\n");
  ShellSitting sitting(lab.agent, {"/usr/bin/bash", "--norc", "--noprofile", "-i"});
  auto& terminal = sitting.terminal;
  terminal.type("eval \"$(cbsession completion bash)\"; PS1='now> '; echo ready\"\"-now\n");
  terminal.screen().until("ready-now");
  terminal.type("cbsession breaker res\t");
  terminal.screen().until("breaker reset ");
  terminal.type("we\t");
  terminal.screen().until("reset web1 ");
  terminal.type("\x15");
  terminal.type("cbsession ls " + lab.web1("on") + "\t");
  terminal.screen().until("/only\\ one ");
  terminal.type("\n");
  terminal.screen().until("only one\r\n");
  terminal.type("cbsession explain me@we\t");
  terminal.screen().until("explain me@web1 ");
  terminal.type("\x15");
  terminal.type("cbsession exec web1,@we\t");
  terminal.screen().until("exec web1,@web ");
}

TEST_CASE("zsh completes commands, hosts and files on hosts") {
  if (pathOf("zsh").empty()) SKIP("there is no zsh");
  TransferLab lab;
  lab.writeRemote("only one", "");
  ShellSitting sitting(lab.agent, {"/usr/bin/zsh", "-f", "-i"});
  auto& terminal = sitting.terminal;
  terminal.type("autoload -U compinit; compinit -D -u; eval \"$(cbsession completion zsh)\"; echo ready''-now\n");
  terminal.screen().until("ready-now");
  terminal.type("cbsession breaker res\twe\t\n");
  terminal.screen().until("web1: there was no failure to forget");
  terminal.type("cbsession ls " + lab.web1("on") + "\t\n");
  terminal.screen().until("only one\r\n");
}

TEST_CASE("fish completes commands, hosts and files on hosts") {
  if (pathOf("fish").empty()) SKIP("there is no fish");
  TransferLab lab;
  lab.writeRemote("only one", "");
  lab.writeLocal("only one", "");
  auto completed = [&](const std::string& line) {
    std::string script = "cbsession completion fish | source; complete -C '" + line + "'";
    return CliProcess(inShell(lab.agent, {"/usr/bin/fish", "--no-config", "-c", script})).finish().out;
  };
  CHECK(contains(completed("cbsession bre"), "breaker\tlet a host"));
  CHECK(contains(completed("cbsession breaker reset we"), "web1"));
  CHECK(contains(completed("cbsession ls " + lab.web1("on")), "/only one"));
  CHECK(contains(completed("cbsession config check " + lab.localFolder + "/on"), "only one"));
}

TEST_CASE("completion knows the jobs of a daemon that runs, and starts none") {
  Lab lab;
  auto submitted = lab.agent.cli({"submit", "--name", "nightly", "web1", "true"});
  REQUIRE(submitted.code == 0);
  auto id = submitted.out.substr(0, submitted.out.find('\n'));
  auto jobs = lab.agent.cli({"__complete", "zsh", "wait", ""});
  CHECK(jobs.code == 0);
  CHECK(contains(jobs.out, id + " \tweb1: true\n"));
  CHECK(contains(jobs.out, "nightly \tweb1: true\n"));
  lab.agent.stop();
  auto none = lab.agent.startCli({"__complete", "zsh", "wait", ""}, {{"CBSESSION_AUTOSTART", "1"}}).finish();
  CHECK(none.code == 0);
  CHECK(none.out.empty());
  CHECK(none.err.empty());
  CHECK(lab.agent.cli({"agent", "status"}).code == 3);
}

TEST_CASE("completion knows groups, but for those of a source that fails or takes its time") {
  PrivateAgent agent;
  agent.folder().makeFolder("config/cbsession");
  agent.folder().write("config/cbsession/groups.toml",
                       "[groups]\nweb-farm = \"web1\"\n[sources.slow]\ncommand = 'true'\nlist = 'sleep 60'\n"
                       "[sources.lab]\ncommand = 'true'\nlist = 'echo web-lab'\n");
  auto groups = agent.cli({"__complete", "zsh", "exec", "@web-"});
  CHECK(groups.code == 0);
  CHECK(groups.out == "@web-farm \t\n@web-lab \tlab\n");
  CHECK(groups.err.empty());
}

TEST_CASE("completion gives up on a daemon that does not answer, without a word") {
  Lab lab;
  kill(lab.agent.pid(), SIGSTOP);
  auto jobs = lab.agent.cli({"__complete", "zsh", "wait", ""});
  auto files = lab.agent.cli({"__complete", "zsh", "ls", "web1:/"});
  kill(lab.agent.pid(), SIGCONT);
  for (const CliResult& result : {jobs, files}) {
    CHECK(result.code == 0);
    CHECK(result.out.empty());
    CHECK(result.err.empty());
  }
}

TEST_CASE("completion prints a script for three shells, and refuses others") {
  PrivateAgent agent;
  CHECK(contains(agent.cli({"completion", "bash"}).out, "complete -o nospace -F _cbsession cbsession"));
  CHECK(agent.cli({"completion", "zsh"}).out.starts_with("#compdef cbsession\n"));
  CHECK(contains(agent.cli({"completion", "fish"}).out, "complete -c cbsession"));
  CHECK(agent.cli({"completion", "tcsh"}).code == 2);
}

}  // namespace
}  // namespace cbs::test
