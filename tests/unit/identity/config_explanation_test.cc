#include "agentd/identity/config_explanation.h"

#include "tests/unit/identity/world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::identity {
namespace {

using Origin = ConfigSetting::Origin;

struct ExplanationWorld : World {
  std::string ssh = "ssh";
  core::Target target = {.host = "web1", .user = "alice"};

  Expected<std::vector<ConfigSetting>> settings(const std::string& configFile) {
    ConfigQuery query(loop, ssh, configFile);
    return wait(explainConfig(query, target));
  }

  // "FILE:LINE", with the file's name in our folder, of the values of a keyword; else the origin's name.
  std::string originsOf(const std::string& keyword, const std::string& configFile) {
    auto all = settings(configFile);
    REQUIRE(all);
    std::string text;
    for (const auto& setting : *all) {
      if (setting.keyword != keyword) continue;
      if (!text.empty()) text += " ";
      text += setting.origin == Origin::FILE
                  ? setting.file.substr(folder.path().size() + 1) + ":" + std::to_string(setting.line)
              : setting.origin == Origin::DEFAULT ? "default"
              : setting.origin == Origin::TARGET  ? "target"
                                                  : "unknown";
    }
    return text;
  }
};

TEST_CASE("ssh itself tells through Includes and every kind of Match where a setting was decided") {
  ExplanationWorld world;
  world.folder.makeFolder("conf d");
  auto nested = world.folder.write("nested",
                                   "Ciphers aes128-ctr\nMatch user bob\n  BatchMode yes\nMatch all\n"
                                   "  NumberOfPasswordPrompts 1\n");
  auto ignored = world.folder.write("ignored",
                                    "ForwardAgent yes\nHost *\n  ForwardAgent yes\nMatch all\n"
                                    "  ForwardAgent yes\n");
  world.folder.write("conf d/a.conf", "Host web*\n  ServerAliveInterval 7\n  IdentityFile /keys/a\n");
  world.folder.write("conf d/b.conf", "Host db\n  ServerAliveCountMax 9\nHost *\n  RequestTTY force\n");
  auto config = world.folder.write("config", "Include \"" + world.folder.path("conf d/*.conf") + "\"\n" +  // 1
                                                 "Match host=web1 exec \"echo noise >&2\"\n" +             // 2
                                                 "  Include " + nested + "\n" +                            // 3
                                                 "  identityfile=\"/keys/b c\"\n" +                        // 4
                                                 "Match exec false\n" +                                    // 5
                                                 "  Include " + ignored + "\n" +                           // 6
                                                 "  Port 1\n" +                                            // 7
                                                 "Match user alice\n" +                                    // 8
                                                 "  Port 2\n" +                                            // 9
                                                 "  SetEnv A=\"x y\" B=2\n" +                              // 10
                                                 "Match !host db\n" +                                      // 11
                                                 "Host !web1 *\n" +                                        // 12
                                                 "  HostKeyAlias wrong\n" +                                // 13
                                                 "Host web1\n" +                                           // 14
                                                 "  HostKeyAlias right\n" +                                // 15
                                                 "  SendEnv LANG\n" +                                      // 16
                                                 "  SendEnv LC_*\n" +                                      // 17
                                                 "  MACs hmac-sha2-256\n" +                                // 18
                                                 "Match final host web1\n" +                               // 19
                                                 "  ConnectTimeout 5\n" +                                  // 20
                                                 "  MACs hmac-sha2-512\n");                                // 21
  auto of = [&](const std::string& keyword) { return world.originsOf(keyword, config); };

  CHECK(of("ServerAliveInterval") == "conf d/a.conf:2");
  CHECK(of("IdentityFile") == "conf d/a.conf:3 config:4");
  CHECK(of("ServerAliveCountMax") == "default");
  CHECK(of("RequestTTY") == "conf d/b.conf:4");
  CHECK(of("Ciphers") == "nested:1");
  CHECK(of("BatchMode") == "default");
  CHECK(of("NumberOfPasswordPrompts") == "nested:5");
  CHECK(of("ForwardAgent") == "default");
  CHECK(of("Port") == "config:9");
  CHECK(of("SetEnv") == "config:10 config:10");
  CHECK(of("HostKeyAlias") == "config:15");
  CHECK(of("SendEnv") == "config:16 config:17");
  CHECK(of("MACs") == "config:18");
  CHECK(of("ConnectTimeout") == "config:20");
  CHECK(of("User") == "target");
  CHECK(of("HostName") == "target");
}

TEST_CASE("without a configuration all is ssh's default or the target's") {
  ExplanationWorld world;
  auto all = world.settings("none");
  REQUIRE(all);
  for (const auto& setting : *all) {
    INFO(setting.keyword << " " << setting.value);
    bool named = setting.keyword == "HostName" || setting.keyword == "User";
    CHECK(setting.origin == (named ? Origin::TARGET : Origin::DEFAULT));
  }
}

TEST_CASE("a file with a name that is no ASCII is told by its name") {
  ExplanationWorld world;
  auto config = world.folder.write("dé \\ x", "Port 7\n");
  CHECK(world.originsOf("Port", config) == "dé \\ x:1");
}

TEST_CASE("a thousand blocks are more than ssh tells in 16 KiB, and all of them count") {
  ExplanationWorld world;
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "Match host web1\n  SendEnv V" + std::to_string(i) + "\n";
  auto config = world.folder.write("config", text + "Port 7\n");
  CHECK(world.originsOf("Port", config) == "config:2001");
}

TEST_CASE("an ssh that tells its steps in other words leaves unknown what it leaves open") {
  ExplanationWorld world;
  world.ssh = world.folder.write("ssh", "#!/bin/sh\nexec ssh \"$@\" 2>/dev/null\n", 0700);
  auto config = world.folder.write("config", "Port 7\n");
  CHECK(world.originsOf("Port", config) == "unknown");
}

TEST_CASE("a configuration that cannot be read fails in ssh's words, and not in its steps") {
  ExplanationWorld world;
  auto config = world.folder.write("config", "Host web1\n BadOption yes\n");
  auto all = world.settings(config);
  REQUIRE_FALSE(all);
  CHECK(all.error().reason == Reason::CONFIG_UNUSABLE);
  CHECK(all.error().detail.find("line 2: Bad configuration option: badoption") != std::string::npos);
  CHECK(all.error().detail.find("debug") == std::string::npos);
}

}  // namespace
}  // namespace cbs::identity
