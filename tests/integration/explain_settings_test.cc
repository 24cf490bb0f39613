// Where `cbsession explain` says that ssh_config's settings come from.
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <catch2/catch_test_macros.hpp>

#include <optional>

namespace cbs::test {
namespace {

// The lines of the settings, with one blank for several.
std::string settingsIn(const std::string& text) {
  auto begin = text.find("\nsettings ");
  if (begin == std::string::npos) return "";
  std::string squeezed;
  for (char c : text.substr(begin + std::string("\nsettings ").size())) {
    bool doubled = c == ' ' && (squeezed.empty() || squeezed.ends_with(' ') || squeezed.ends_with('\n'));
    if (!doubled) squeezed += c;
  }
  return squeezed;
}

// A daemon whose configuration has Includes and Match blocks in the caller's home. No host is there: explain connects
// to none.
struct ConfiguredLab {
  ConfiguredLab() {
    write("nested", "Match exec \"test %n = web1\"\n  ServerAliveInterval 7\n");
    write("conf.d-a", "Host web*\n  User bob\n  IdentityFile /keys/deploy\n");
    config = write("config", "Include " + home +
                                 "/conf.d-*\n"
                                 "Host db\n"
                                 "  Port 1\n"
                                 "Match host web1\n"
                                 "  HostName 127.0.0.1\n"
                                 "  Port 2222\n"
                                 "  Include " +
                                 home +
                                 "/nested\n"
                                 "Match all\n"
                                 "  Port 3\n"
                                 "  SetEnv MODE=\"a b\"\n");
    agent.emplace(AgentSettings{});
    useConfig();
    agent->start();
  }

  std::string write(const std::string& name, const std::string& text) { return files.write(name, text, 0644); }

  // The daemon's own ssh_config, which `config_file` names, becomes an Include of ours.
  void useConfig() { agent->folder().write("ssh_config", "Include " + config + "\n"); }

  TempFolder files;
  std::string home = files.path();
  std::string config;
  std::optional<PrivateAgent> agent;
};

TEST_CASE("explain names file and line of each setting, through Include and Match") {
  ConfiguredLab lab;
  auto result = lab.agent->cli({"explain", "web1"});
  REQUIRE(result.code == 0);
  CHECK(settingsIn(result.out) == "HostName 127.0.0.1 " + lab.config + ":5\n" +              //
                                      "Port 2222 " + lab.config + ":6\n" +                   //
                                      "User bob " + lab.home + "/conf.d-a:2\n" +             //
                                      "ServerAliveInterval 7 " + lab.home + "/nested:2\n" +  //
                                      "IdentityFile /keys/deploy " + lab.home + "/conf.d-a:3\n" + "SetEnv MODE=a b " +
                                      lab.config + ":10\n");

  auto json = lab.agent->cli({"explain", "web1", "--output", "json"}).out;
  CHECK(contains(json, "{\"keyword\":\"Port\",\"value\":\"2222\",\"file\":\"" + lab.config +
                           "\",\"line\":6,\"origin\":\"file\"}"));
  CHECK(contains(json,
                 "{\"keyword\":\"ForwardAgent\",\"value\":\"no\",\"file\":\"\",\"line\":0,\"origin\":\"default\"}"));
}

TEST_CASE("explain tells what the target itself has decided") {
  ConfiguredLab lab;
  auto settings = settingsIn(lab.agent->cli({"explain", "root@other:2022"}).out);
  CHECK(settings == "HostName other the target\nPort 2022 the target\nUser root the target\nSetEnv MODE=a b " +
                        lab.config + ":10\n");
}

TEST_CASE("files in the caller's home are shown with a tilde") {
  ConfiguredLab lab;
  auto inHome = lab.agent->folder().write("home/mine", "Port 7\n", 0644);
  lab.config = inHome;
  lab.useConfig();
  CHECK(contains(lab.agent->cli({"explain", "web1"}).out, " ~/mine:1\n"));
}

TEST_CASE("explain says with file and line why ssh_config cannot be read") {
  ConfiguredLab lab;
  lab.write("config", "Host web1\n  BadOption yes\n");
  auto result = lab.agent->cli({"explain", "web1"});
  CHECK(result.code == 241);
  CHECK(contains(result.err, lab.config + ": line 2: Bad configuration option: badoption"));
  CHECK(contains(lab.agent->cli({"explain", "--output", "json", "web1"}).out, "\"reason\":\"configUnusable\""));
}

}  // namespace
}  // namespace cbs::test
