#include "cli/output/settings_text.h"

#include <capnp/message.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using Origin = schema::Explanation::Origin;

struct Setting {
  const char* keyword;
  std::string value;
  Origin origin;
  const char* file = "";
  unsigned line = 0;
};

std::string shown(const std::vector<Setting>& settings, std::string_view home = "/home/me") {
  capnp::MallocMessageBuilder message;
  auto list = message.initRoot<schema::Explanation>().initSettings(static_cast<unsigned>(settings.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setKeyword(settings[i].keyword);
    list[i].setValue(settings[i].value.c_str());
    list[i].setOrigin(settings[i].origin);
    list[i].setFile(settings[i].file);
    list[i].setLine(settings[i].line);
  }
  return settingsText(list.asReader(), home);
}

TEST_CASE("settings line up with where they come from, and defaults are left out") {
  CHECK(shown({{"HostName", "10.0.0.1", Origin::FILE, "/home/me/.ssh/config", 3},
               {"Port", "22", Origin::DEFAULT},
               {"User", "root", Origin::TARGET},
               {"Ciphers", "aes128-ctr", Origin::UNKNOWN},
               {"ProxyJump", "", Origin::UNKNOWN},
               {"SendEnv", "LANG", Origin::FILE, "/etc/ssh/ssh_config", 50}}) ==
        "HostName  10.0.0.1    ~/.ssh/config:3\n"
        "User      root        the target\n"
        "Ciphers   aes128-ctr  unknown\n"
        "SendEnv   LANG        /etc/ssh/ssh_config:50\n");
  CHECK(shown({}).empty());
}

TEST_CASE("a long value does not move the others' origins away") {
  std::string longest(100, 'x');
  CHECK(shown({{"MACs", longest, Origin::FILE, "/f", 1}, {"Port", "23", Origin::FILE, "/f", 2}}) ==
        "MACs  " + longest + "  /f:1\n" + "Port  23  /f:2\n");
}

TEST_CASE("only files in the home itself are shown with a tilde") {
  auto origin = [](const char* file, std::string_view home) {
    return shown({{"Port", "1", Origin::FILE, file, 1}}, home);
  };
  CHECK(origin("/home/meg/c", "/home/me") == "Port  1  /home/meg/c:1\n");
  CHECK(origin("/home/me/c", "") == "Port  1  /home/me/c:1\n");
}

}  // namespace
}  // namespace cbs::cli
