// `cbsession exec` on many hosts. They are names of one server.
#include "tests/support/lab.h"
#include "tests/support/sitting.h"
#include "tests/support/text.h"

#include <signal.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

namespace cbs::test {
namespace {

// Hosts h1 to h4, and `nobody`, where nothing listens.
struct ManyLab {
  ManyLab() {
    for (auto* name : {"h1", "h2", "h3", "h4"}) agent.addHost(name, sshd);
    agent.addUnknownHost("nobody", 1);
    agent.start();
  }
  CliResult exec(std::vector<std::string> arguments, std::string_view input = "") const {
    arguments.insert(arguments.begin(), "exec");
    return agent.cli(arguments, input);
  }

  Sshd sshd;
  PrivateAgent agent;
};

std::string sortedLines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  std::sort(lines.begin(), lines.end());
  std::string sorted;
  for (const auto& line : lines) sorted += line;
  return sorted;
}

std::string lastLine(const std::string& text) {
  size_t begin = text.size() < 2 ? text.npos : text.rfind('\n', text.size() - 2);
  return text.substr(begin == text.npos ? 0 : begin + 1);
}

TEST_CASE("exec on many hosts prints their lines by name, what failed, a summary, and exits with the highest status") {
  ManyLab lab;
  auto result = lab.exec({"h1,h2,h3", "echo one; printf 'no end'; echo oops >&2"});
  CHECK(result.code == 0);
  CHECK(sortedLines(result.out) == "h1: no end\nh1: one\nh2: no end\nh2: one\nh3: no end\nh3: one\n");
  CHECK(contains(result.err, "h2: oops\n"));
  CHECK(lastLine(result.err).find("cbsession: 3 ok in ") == 0);

  result = lab.exec({"h1,nobody,h2", "exit 3"});
  CHECK(result.code == 241);
  CHECK(result.out == "");
  CHECK(contains(result.err, "cbsession: h1: exited with 3\n"));
  CHECK(contains(result.err, "cbsession: nobody: connection refused"));
  CHECK(contains(lastLine(result.err), "1 unreachable: connection refused (nobody)"));

  result = lab.exec({"-q", "h1", "true"});
  CHECK(result.code == 0);
  CHECK(result.out + result.err == "");
}

TEST_CASE("hosts come from a file or standard input, and standard input goes to each of them") {
  ManyLab lab;
  auto result = lab.exec({"--hosts-file", "-", "-q", "--", "printf", "%s\\n", "a  b"}, "h1\n# not h2\nh3\n");
  CHECK(sortedLines(result.out) == "h1: a  b\nh3: a  b\n");
  CHECK(result.err == "");

  std::string input(300'000, 'x');
  result = lab.exec({"-q", "-i", "h1,h2", "wc -c"}, input);
  CHECK(result.code == 0);
  CHECK(sortedLines(result.out) == "h1: 300000\nh2: 300000\n");

  CHECK(lab.exec({"-t", "h1,h2", "true"}).code == 2);
  CHECK(lab.exec({"--hosts-file", "/nowhere", "true"}).code == 2);
}

TEST_CASE("a line of ten megabytes comes whole among other lines, and every byte as it is") {
  ManyLab lab;
  auto result = lab.exec({"h1,h2", "head -c 10000000 /dev/zero; echo; echo second"});
  CHECK(result.code == 0);
  CHECK(result.out.size() == 2 * (std::string("h1: ").size() + 10'000'001 + std::string("h1: second\n").size()));
  for (auto* name : {"h1: ", "h2: "}) {
    CHECK(contains(result.out, name + std::string(10'000'000, '\0') + "\n"));
  }
}

TEST_CASE("Ctrl-C goes to all hosts, and what they do about it is shown") {
  ManyLab lab;
  auto process = lab.agent.startCli(
      {"exec", "h1,h2", "trap 'echo interrupted; exit 7' INT; echo ready; while :; do sleep 0.02; done"});
  for (auto* name : {"h1", "h2"}) process.out().until(name + std::string(": ready\n"));
  process.signal(SIGINT);
  auto result = process.finish();
  CHECK(result.code == 7);
  CHECK(contains(result.out, "h1: interrupted\n"));
  CHECK(contains(result.out, "h2: interrupted\n"));
  CHECK(contains(lastLine(result.err), "2 exited with 7"));
}

TEST_CASE("a second Ctrl-C leaves at once, says what still ran, and the commands are ended all the same") {
  ManyLab lab;
  std::string mark = lab.sshd.remoteFolder() + "/mark";
  auto process = lab.agent.startCli({"exec", "h1,h2",
                                     "trap 'echo got INT' INT; trap 'echo TERM >>" + mark +
                                         "; exit' TERM; echo ready; while :; do sleep 0.02; done"});
  for (auto* name : {"h1", "h2"}) process.out().until(name + std::string(": ready\n"));
  process.signal(SIGINT);
  for (auto* name : {"h1", "h2"}) process.out().until(name + std::string(": got INT\n"));
  process.signal(SIGINT);
  auto result = process.finish();
  CHECK(result.code == 128 + SIGINT);
  CHECK(contains(result.err, "on 2 hosts is unknown"));
  auto ended = lab.agent.cli({"exec", "h3", "until test $(wc -l <" + mark + ") = 2; do sleep 0.02; done; cat " + mark});
  CHECK(ended.out == "TERM\nTERM\n");
}

TEST_CASE("a reader that has gone ends the commands, as SIGPIPE would") {
  ManyLab lab;
  auto process = lab.agent.startCli({"exec", "h1,h2", "while :; do echo line; done"});
  process.out().until("line");
  process.out().close();
  CHECK(process.finish().code == 141);
}

TEST_CASE("output that cannot be written ends it all, and it is told whose fate is not known") {
  ManyLab lab;
  auto program = lab.agent.cliProgram({"exec", "h1,h2", "echo ready; exec sleep 60"});
  program.argv.insert(program.argv.begin(), {"sh", "-c", "exec \"$0\" \"$@\" >/dev/full"});
  auto result = CliProcess(program).finish();
  CHECK(result.code == 248);
  CHECK(contains(result.err, "cbsession: standard output: No space left on device\n"));
  CHECK(contains(lastLine(result.err), "is unknown: h"));
}

TEST_CASE("a daemon that is killed leaves the fate of what ran unknown, and that is summed up") {
  ManyLab lab;
  auto process = lab.agent.startCli({"exec", "-j", "2", "h1,h2,h3", "echo ready; exec sleep 60"});
  for (auto* name : {"h1", "h2"}) process.out().until(name + std::string(": ready\n"));
  lab.agent.kill();
  auto result = process.finish();
  CHECK(result.code == 247);
  CHECK(contains(result.err, "cbsession: h1: the connection was lost after the command was sent"));
  CHECK(contains(result.err, "\n  2 unknown: "));
  CHECK(contains(result.err, "\n  1 not begun: "));
  CHECK(lastLine(result.err) == "Next: look at the host before running it again\n");

  for (const auto& none : {lab.exec({"h1,h2", "true"}), lab.agent.cli({"upload", lab.agent.configFile(), "h1,h2:x"})}) {
    CHECK(none.code == 240);
    CHECK(none.err.find("cbsession: no daemon runs") == 0);
    CHECK(count(none.err, "\n") == 1);
  }
}

TEST_CASE("on a terminal names are aligned and coloured, and progress is shown and taken away again") {
  Sshd sshd;
  PrivateAgent agent;
  for (auto* name : {"h1", "longer"}) agent.addHost(name, sshd);
  agent.start();
  std::string go = sshd.remoteFolder() + "/go";
  Sitting sitting(agent, {"exec", "h1,longer", "printf 'a\\rb\\r\\n'; until test -e " + go + "; do sleep 0.02; done"});
  sitting.terminal.screen().until("\x1b[36mh1:\x1b[m     b\r\n");
  sitting.terminal.screen().until("longer:\x1b[m b\r\n");
  sitting.terminal.screen().until("0/2 done \u00b7 2 running");
  CHECK(agent.cli({"exec", "h1", "touch " + go}).code == 0);
  CHECK(sitting.wait().code == 0);
  auto screen = sitting.terminal.screen().toEnd();
  INFO(screen);
  CHECK(contains(screen.substr(screen.rfind("running")), "\r\x1b[K"));
  CHECK(contains(screen, "cbsession: 2 ok in "));
  CHECK(contains(screen, "h1:\x1b[m     a\r\n"));
}

}  // namespace
}  // namespace cbs::test
