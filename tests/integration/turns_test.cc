// Whose turn it is: nobody waits because of somebody else's many commands, or because of a host that hangs.
#include "tests/support/bad_server.h"
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <list>

namespace cbs::test {
namespace {

const AgentSettings kOneLane = {.command = "core_pool_size = 1\nmax_pool_size = 1\n"};

void awaitFigures(const PrivateAgent& agent, unsigned active, unsigned depth) {
  std::string figures = "\"active\":" + std::to_string(active) + ",\"depth\":" + std::to_string(depth) + ",";
  while (!contains(agent.cli({"stats", "--output", "json"}).out, figures)) {
  }
}

// The only lane is taken until it is told to go on; commands that come meanwhile leave a word each when they run.
class Crowd {
 public:
  Crowd() : holder_(lab_.agent.startCli({"exec", "-i", "web1", "echo ready; cat"})) { holder_.out().until("ready"); }

  void add(const std::string& word, const std::vector<std::string>& options = {},
           const std::vector<std::string>& before = {}) {
    std::vector<std::string> arguments = {"exec"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    for (const std::string& each : {std::string("web1"), "echo " + word + " >> " + file()}) arguments.push_back(each);
    auto program = lab_.agent.cliProgram(arguments);
    program.argv.insert(program.argv.begin(), before.begin(), before.end());
    waiting_.emplace_back(program);
    awaitFigures(lab_.agent, 1, static_cast<unsigned>(waiting_.size()));
  }

  // Lets all run. The words in the order in which they did.
  std::string order() {
    CHECK(holder_.finish().code == 0);
    for (CliProcess& process : waiting_) CHECK(process.finish().code == 0);
    return lab_.exec("tr -d '\\n' < " + file()).out;
  }

  const PrivateAgent& agent() const { return lab_.agent; }
  std::string file() const { return lab_.sshd.remoteFolder() + "/order"; }

 private:
  Lab lab_{{}, kOneLane};
  CliProcess holder_;
  std::list<CliProcess> waiting_;
};

TEST_CASE("a host that hangs does not take all lanes: a command for another host runs at once") {
  BadServer server(BadServer::Manner::kStaysSilent);
  Lab lab;
  lab.agent.addUnknownHost("bad1", server.port());
  std::list<CliProcess> hanging;
  for (int i = 0; i < 10; ++i) {
    hanging.push_back(
        lab.agent.startCli({"exec", "--connect-timeout", "10m", i % 2 == 0 ? "bad1" : "me@bad1", "true"}));
  }
  awaitFigures(lab.agent, 8, 2);
  for (int i = 0; i < 3; ++i) CHECK(lab.exec("echo fine").out == "fine\n");
  for (CliProcess& process : hanging) CHECK(process.running());
  awaitFigures(lab.agent, 8, 2);
}

TEST_CASE("one terminal's many commands delay another's first by one turn at most") {
  Crowd crowd;
  for (int i = 0; i < 4; ++i) crowd.add("m");
  crowd.add("o", {}, {"setsid", "--wait"});
  CHECK(crowd.order() == "mommm");
}

TEST_CASE("a higher priority overtakes") {
  Crowd crowd;
  crowd.add("l", {"--priority", "low"});
  crowd.add("n");
  crowd.add("h", {"--priority", "high"});
  CHECK(crowd.order() == "hnl");
}

TEST_CASE("a priority that is none is wrong usage (2)") {
  PrivateAgent agent;
  auto result = agent.cli({"exec", "--priority", "hihg", "web1", "true"});
  CHECK(result.code == 2);
  CHECK(contains(result.err, "--priority: expected low, normal or high, found 'hihg'; did you mean high?"));
}

TEST_CASE("exec --timeout covers connecting to a host that hangs (245), and says that the command was not sent") {
  BadServer server(BadServer::Manner::kStaysSilent);
  PrivateAgent agent;
  agent.addUnknownHost("bad1", server.port());
  agent.start();
  auto result = agent.cli({"exec", "--output", "json", "--timeout", "300ms", "--connect-timeout", "10m", "--retries",
                           "9", "--idempotent", "bad1", "true"});
  CAPTURE(result.out, result.err);
  CHECK(result.code == 245);
  CHECK(contains(result.out, "\"state\":\"notSent\""));
  CHECK(contains(result.out, "\"reason\":\"waitTimedOut\""));
  CHECK(contains(result.out, "\"attempts\":1"));
  CHECK(contains(result.err, "bad1: timed out after 300 ms before the command could start"));
}

TEST_CASE("exec --timeout covers waiting for a lane (245), and what has waited so long never runs") {
  Crowd crowd;
  auto result =
      crowd.agent().cli({"exec", "--output", "json", "--timeout", "300ms", "web1", "echo late >> " + crowd.file()});
  CAPTURE(result.out, result.err);
  CHECK(result.code == 245);
  CHECK(contains(result.out, "\"state\":\"notSent\""));
  CHECK(contains(result.err, "web1: timed out after 300 ms before the command could start"));
  crowd.add("x");
  CHECK(crowd.order() == "x");
}

TEST_CASE("a reload that raises max_per_host lets those in who wait for their host") {
  Lab lab({}, {.command = "max_per_host = 1\n"});
  auto running = lab.agent.startCli({"exec", "-i", "web1", "echo ready; cat"});
  running.out().until("ready");
  auto waiting = lab.agent.startCli({"exec", "web1", "true"});
  awaitFigures(lab.agent, 1, 1);
  std::string config = readFile(lab.agent.configFile());
  std::string key = "max_per_host = ";
  config.replace(config.find(key) + key.size(), 1, "2");
  std::ofstream(lab.agent.configFile()) << config;
  auto reload = lab.agent.cli({"agent", "reload"});
  CHECK(contains(reload.out, "session.command.max_per_host: 1 -> 2"));
  CHECK(waiting.finish().code == 0);
  CHECK(running.finish().code == 0);
}

}  // namespace
}  // namespace cbs::test
