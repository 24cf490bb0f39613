// A configuration with faults, and what is said of one without.
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

constexpr const char* kFaulty =
    "profile = \"huge\"\n"
    "[session.ssh]\n"
    "connection_idle_timeout_ms = \"5m\"\n"
    "max_conections_per_host = 8\n"
    "[session.command]\n"
    "core_pool_size = 0\n";

TEST_CASE("the daemon does not start with faults in its configuration, and names line and key of each") {
  PrivateAgent agent;
  std::string file = agent.folder().write("faulty.toml", kFaulty);
  auto result = agent.startDaemon({"--socket", agent.socket(), "--config", file}).finish();
  CHECK(result.code == 2);
  CHECK(contains(result.err, "cbsession-agentd: " + file + ":1:"));
  CHECK(contains(result.err, file + ":3:"));
  CHECK(contains(result.err, "session.ssh.connection_idle_timeout_ms"));
  CHECK(contains(result.err, file + ":4:"));
  CHECK(contains(result.err, "max_connections_per_host"));  // the nearest right key
  CHECK(contains(result.err, file + ":6:"));
  CHECK(contains(result.err, "session.command.core_pool_size"));
}

TEST_CASE("a command that would start the daemon tells what is wrong with the configuration") {
  PrivateAgent agent;
  agent.folder().write("agentd.toml", kFaulty);
  auto result = agent.startCli({"stats"}, {{"CBSESSION_AUTOSTART", "1"}}).finish();
  CHECK(result.code == 240);
  CHECK(contains(result.err, "connection_idle_timeout_ms"));
}

TEST_CASE("config check finds what the daemon would find, and exits with 2") {
  PrivateAgent agent;
  auto result = agent.cli({"config", "check", agent.folder().write("faulty.toml", kFaulty)});
  CHECK(result.code == 2);
  CHECK(contains(result.out + result.err, "faulty.toml:3:"));
  CHECK(agent.cli({"config", "check"}).code == 0);
}

TEST_CASE("config show tells where each value comes from") {
  PrivateAgent agent({.ssh = "max_connections_per_host = 3\n"});
  auto result = agent.startCli({"config", "show"}, {{"CBSESSION_SESSION_COMMAND_QUEUE_CAPACITY", "77"}}).finish();
  CHECK(result.code == 0);
  CHECK(contains(result.out, agent.configFile() + ":"));
  CHECK(contains(result.out, "CBSESSION_SESSION_COMMAND_QUEUE_CAPACITY"));
  CHECK(contains(result.out, "default"));
}

TEST_CASE("a configuration that was asked for must be there, the usual one need not") {
  PrivateAgent agent;
  auto result = agent.startDaemon({"--socket", agent.socket(), "--config", "/nonexistent.toml"}).finish();
  CHECK(result.code == 2);
  CHECK(contains(result.err, "/nonexistent.toml"));
}

TEST_CASE("the daemon's own wrong usage exits with 2, --version and --help with 0") {
  PrivateAgent agent;
  CHECK(agent.startDaemon({"--nonsense"}).finish().code == 2);
  CHECK(contains(agent.startDaemon({"--version"}).finish().out, "cbsession-agentd 0."));
  CHECK(contains(agent.startDaemon({"--help"}).finish().out, "Examples:"));
}

}  // namespace
}  // namespace cbs::test
