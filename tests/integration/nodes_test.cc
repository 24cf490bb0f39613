// What a node set stands for, told without a daemon.
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

TEST_CASE("nodes reads standard input, and starts no daemon") {
  PrivateAgent agent;
  auto cli = agent.startCli({"nodes", "web1", "-"}, {{"CBSESSION_AUTOSTART", "1"}});
  auto result = cli.finishWithInput("web2 # the second\r\n\nweb[3-4]!web4\n");
  CHECK(result.code == 0);
  CHECK(result.out == "web[1-3]\n");
  CHECK(result.err.empty());
  CHECK(access(agent.socket().c_str(), F_OK) != 0);
}

TEST_CASE("what of standard input is no node set is named with its line") {
  PrivateAgent agent;
  auto result = agent.startCli({"nodes", "-e", "-"}).finishWithInput("web1\nweb[\n");
  CHECK(result.code == 2);
  CHECK(result.out.empty());
  CHECK(result.err ==
        "cbsession: nodes: standard input:2: node set 'web[': expected a ']' that closes this '[' "
        "(character 4). Next: cbsession nodes --help\n");
}

TEST_CASE("a group's command that asks for the same group ends with an error, and soon") {
  PrivateAgent agent;
  auto program = agent.cliProgram({"nodes", "@mine:web"}).argv[0];
  auto groups =
      agent.folder().write("groups.toml", "[sources.mine]\ncommand = '" + program + " nodes \"@mine:$GROUP\"'\n");
  auto result = agent.startCli({"nodes", "@mine:web"}, {{"CBSESSION_GROUPS", groups}}).finish();
  CHECK(result.code == 2);
  CHECK(contains(result.err, "leads to itself by way of cbsession"));
}

}  // namespace
}  // namespace cbs::test
