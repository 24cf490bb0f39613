#include "common/paths.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs {
namespace {

TEST_CASE("a user's files are in the XDG folders") {
  Environment environment = {{"HOME", "/home/ann"},
                             {"XDG_RUNTIME_DIR", "/run/user/7"},
                             {"XDG_CONFIG_HOME", "/cfg"},
                             {"XDG_STATE_HOME", "/state"}};
  auto paths = userPaths(environment, 7);
  REQUIRE(paths.socket == "/run/user/7/cbsession/agentd.sock");
  REQUIRE(paths.config == "/cfg/cbsession/agentd.toml");
  REQUIRE(paths.state == "/state/cbsession");
}

TEST_CASE("without XDG variables the files are in HOME and the socket is in /tmp") {
  auto paths = userPaths({{"HOME", "/home/ann"}}, 7);
  REQUIRE(paths.socket == "/tmp/cbsession-7/agentd.sock");
  REQUIRE(paths.config == "/home/ann/.config/cbsession/agentd.toml");
  REQUIRE(paths.state == "/home/ann/.local/state/cbsession");
}

TEST_CASE("relative XDG folders are ignored, as their specification wants") {
  auto paths = userPaths({{"HOME", "/h"}, {"XDG_RUNTIME_DIR", "run"}, {"XDG_CONFIG_HOME", "cfg"}}, 7);
  REQUIRE(paths.socket == "/tmp/cbsession-7/agentd.sock");
  REQUIRE(paths.config == "/h/.config/cbsession/agentd.toml");
}

TEST_CASE("without a home there is no place for configuration and state") {
  auto paths = userPaths({}, 7);
  REQUIRE(paths.config.empty());
  REQUIRE(paths.state.empty());
}

TEST_CASE("CBSESSION_SOCKET and CBSESSION_CONFIG win") {
  Environment environment = {{"HOME", "/h"},
                             {"XDG_RUNTIME_DIR", "/run/user/7"},
                             {"RUNTIME_DIRECTORY", "/run/cbsession"},
                             {"CBSESSION_SOCKET", "/s"},
                             {"CBSESSION_CONFIG", "c.toml"}};
  for (const auto& paths : {userPaths(environment, 7), daemonPaths(environment, 7)}) {
    REQUIRE(paths.socket == "/s");
    REQUIRE(paths.config == "c.toml");
  }
}

TEST_CASE("the daemon takes the folders that systemd made for it, and a user's command does not") {
  Environment environment = {{"RUNTIME_DIRECTORY", "/run/other:/run/cbsession"},
                             {"STATE_DIRECTORY", "/var/lib/cbsession"},
                             {"CONFIGURATION_DIRECTORY", "/etc/cbsession"}};
  auto paths = daemonPaths(environment, 0);
  REQUIRE(paths.socket == "/run/cbsession/agentd.sock");
  REQUIRE(paths.config == "/etc/cbsession/agentd.toml");
  REQUIRE(paths.state == "/var/lib/cbsession");
  REQUIRE(userPaths(environment, 0).socket == "/tmp/cbsession-0/agentd.sock");
}

TEST_CASE("a daemon that another service started leaves that service's folders alone") {
  auto paths =
      daemonPaths({{"HOME", "/h"}, {"RUNTIME_DIRECTORY", "/run/ci-runner:"}, {"STATE_DIRECTORY", "cbsession"}}, 7);
  REQUIRE(paths.socket == "/tmp/cbsession-7/agentd.sock");
  REQUIRE(paths.state == "/h/.local/state/cbsession");
}

TEST_CASE("a tilde is expanded where it stands for one's own home") {
  REQUIRE(expandHome("~", "/h") == "/h");
  REQUIRE(expandHome("~/.ssh/config", "/h") == "/h/.ssh/config");
  REQUIRE(expandHome("~bob/x", "/h") == "~bob/x");
  REQUIRE(expandHome("/a/~/b", "/h") == "/a/~/b");
  REQUIRE(expandHome("", "/h").empty());
}

TEST_CASE("the process's environment knows a home") {
  REQUIRE_FALSE(lookUp(processEnvironment(), "HOME").empty());
  REQUIRE(lookUp(processEnvironment(), "CBSESSION_NO_SUCH_VARIABLE").empty());
}

}  // namespace
}  // namespace cbs
