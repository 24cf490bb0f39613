#include "cli/run.h"
#include "tests/support/temp_folder.h"
#include "tests/support/text.h"
#include "tests/unit/cli/job_daemon_thread.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using test::contains;

struct NodesRun {
  explicit NodesRun(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "nodes");
    CapturedStream outStream(STDOUT_FILENO), errStream(STDERR_FILENO);
    code = run(std::move(arguments));
    out = outStream.read();
    err = errStream.read();
  }
  int code;
  std::string out, err;
};

TEST_CASE("nodes prints one node set, each host, or their number") {
  CHECK(NodesRun({"web2", "web1,web3"}).out == "web[1-3]\n");
  CHECK(NodesRun({"-f", "web[3,1-2]"}).out == "web[1-3]\n");
  CHECK(NodesRun({"--expand", "web[3,1-2]", "db"}).out == "web3\nweb1\nweb2\ndb\n");
  CHECK(NodesRun({"-c", "web[1-3]", "web2"}).out == "3\n");
  CHECK(NodesRun({"-c", "a!a"}).out == "0\n");
  CHECK(NodesRun({"-e", "a!a"}).out.empty());
}

TEST_CASE("nodes separates hosts as it is told") {
  CHECK(NodesRun({"-e", "-S", " ", "a[1-2]"}).out == "a1 a2\n");
  CHECK(NodesRun({"-e", "-S", "\\0", "a[1-2]"}).out == std::string("a1\0a2\0", 6));
  CHECK(NodesRun({"-e", "-S", "\\t", "a[1-2]"}).out == "a1\ta2\n");
}

TEST_CASE("nodes reads files, beside what is on the command line") {
  test::TempFolder folder;
  auto file = folder.write("hosts", "web2\nweb3 # last\n");
  auto ran = NodesRun({"web1", "--hosts-file", file, "web4"});
  CHECK(ran.code == 0);
  CHECK(ran.out == "web[1-4]\n");
}

TEST_CASE("nodes takes the options of every command, for who gives them always") {
  CHECK(NodesRun({"--socket", "/nowhere", "--no-autostart", "web1"}).out == "web1\n");
}

TEST_CASE("nodes says once what to do next") {
  test::TempFolder folder;
  setenv("CBSESSION_GROUPS", folder.path("missing").c_str(), 1);
  auto missing = NodesRun({"@web"}).err;
  setenv("CBSESSION_GROUPS", folder.write("groups.toml", "[groups]\nweb = \"web1\"\n").c_str(), 1);
  auto misspelt = NodesRun({"@wbe"}).err;
  unsetenv("CBSESSION_GROUPS");
  CHECK(missing.ends_with("there is no such file. Next: look at CBSESSION_GROUPS\n"));
  CHECK(misspelt == "cbsession: nodes: there is no group @wbe, did you mean @web? Next: cbsession nodes --help\n");
}

TEST_CASE("nodes prints JSON") {
  CHECK(NodesRun({"--output", "json", "web[2,1]"}).out ==
        "{\"count\":2,\"folded\":\"web[1-2]\",\"nodes\":[\"web2\",\"web1\"]}\n");
}

TEST_CASE("nodes exits with 2 for what it cannot read, and says why") {
  auto wrong = NodesRun({"web["});
  CHECK(wrong.code == 2);
  CHECK(wrong.out.empty());
  CHECK(wrong.err ==
        "cbsession: nodes: node set 'web[': expected a ']' that closes this '[' (character 4). "
        "Next: cbsession nodes --help\n");
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{}, {"-e", "-c", "a"}, {"-m", "a"}, {"-S", ",", "a"}}) {
    CHECK(NodesRun(arguments).code == 2);
  }
}

}  // namespace
}  // namespace cbs::cli
