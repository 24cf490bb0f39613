// What `cbsession exec` can be told.
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("several command words are an argv that arrives as it was given") {
  Lab lab;
  Words command = {"printf", "<%s>", "a b", "", "$HOME", "*", "it's", "\"q\"", "a\nb", "-n", "\\", "!x", ";true"};
  Words arguments = {"exec", "web1", "--"};
  arguments.insert(arguments.end(), command.begin(), command.end());
  std::string expected;
  for (size_t i = 2; i < command.size(); ++i) expected += "<" + command[i] + ">";
  auto result = lab.agent.cli(arguments);
  CHECK(result.out == expected);
  CHECK(result.code == 0);
}

TEST_CASE("one command word is a line for the remote shell") {
  Lab lab;
  CHECK(lab.exec("echo $((6 * 7)) | tr 4 X").out == "X2\n");
}

TEST_CASE("exec sets variables and the working directory") {
  Lab lab;
  auto result = lab.agent.cli({"exec", "-e", "CBS_A=one two", "-e", "CBS_B=it's", "--cwd", "/usr/bin", "web1",
                               "printf '%s|%s|' \"$CBS_A\" \"$CBS_B\"; pwd"});
  CHECK(result.out == "one two|it's|/usr/bin\n");
  CHECK(result.code == 0);
}

TEST_CASE("exec says so when the working directory is not there, and does not run the command") {
  Lab lab;
  auto result = lab.agent.cli({"exec", "--cwd", "/nonexistent", "web1", "echo ran"});
  CHECK(result.out == "");
  CHECK(result.code != 0);
  CHECK(contains(result.err, "/nonexistent"));
}

TEST_CASE("exec --output json tells the outcome, the output and the times") {
  Lab lab;
  auto result = lab.agent.cli({"exec", "--output", "json", "web1", "echo out; echo err >&2; exit 3"});
  CHECK(result.code == 3);
  CHECK(result.err == "");
  CHECK(contains(result.out, "\"state\":\"exited\""));
  CHECK(contains(result.out, "\"exitCode\":3"));
  CHECK(contains(result.out, "\"stdout\":\"out\\n\""));
  CHECK(contains(result.out, "\"stderr\":\"err\\n\""));
  CHECK(contains(result.out, "\"authenticateUs\":"));
}

TEST_CASE("exec --timeout signals the command and exits with 245") {
  Lab lab;
  std::string mark = lab.sshd.remoteFolder() + "/signalled";
  auto result =
      lab.agent.cli({"exec", "--timeout", "300ms", "web1", "trap 'touch " + mark + "; exit' TERM; sleep 30 & wait"});
  CHECK(result.code == 245);
  CHECK(contains(result.err, "cbsession: web1: timed out"));
  CHECK(lab.exec("until test -e " + mark + "; do sleep 0.02; done").code == 0);
}

TEST_CASE("wrong usage exits with 2 and sends nothing") {
  PrivateAgent agent;
  for (const Words& arguments : {Words{"exec"}, Words{"exec", "web1"}, Words{"exec", "--nonsense", "web1", "true"},
                                 Words{"exec", "--timeout", "soon", "web1", "true"},
                                 Words{"exec", "--output", "xml", "web1", "true"}, Words{"nonsense"}}) {
    auto result = agent.cli(arguments);
    CHECK(result.code == 2);
    CHECK(result.out == "");
    CHECK(contains(result.err, "Next: "));
  }
}

TEST_CASE("a target that makes no sense exits with 2") {
  Lab lab;
  for (const char* target : {"user@", "web1:99999", "-oProxyCommand=x", "web1[", "a!"}) {
    auto result = lab.agent.cli({"exec", "--", target, "true"});
    CHECK(result.code == 2);
    CHECK(result.err != "");
  }
}

TEST_CASE("without a daemon, and told to start none, every command says how to get one and exits with 240") {
  PrivateAgent agent;
  for (const Words& arguments : {Words{"exec", "web1", "true"}, Words{"stats"}, Words{"connections"}}) {
    auto result = agent.cli(arguments);
    CHECK(result.code == 240);
    CHECK(contains(result.err, "Next: cbsession agent start"));
  }
}

}  // namespace
}  // namespace cbs::test
