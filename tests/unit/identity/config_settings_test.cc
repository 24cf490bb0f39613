#include "agentd/identity/config_settings.h"

#include "agentd/identity/path_tokens.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::identity {
namespace {

using Origin = ConfigSetting::Origin;

const std::string kStandard =
    "host localhost\nuser me\nhostname localhost\nport 22\nidentityfile ~/.ssh/id_rsa\nidentityfile ~/.ssh/id_ed25519\n"
    "serveraliveinterval 0\nciphers a,b\nbatchmode no\nuserknownhostsfile ~/.ssh/known_hosts ~/.ssh/known_hosts2\n";

ConfigLine line(unsigned number, std::string keyword, std::vector<std::string> words, bool again = false) {
  return {.file = "c", .line = number, .keyword = std::move(keyword), .words = std::move(words), .again = again};
}

// The settings of one keyword: "value: origin" each, between commas.
struct Question {
  core::Target target = {.host = "web1"};
  std::string printed = kStandard;
  AppliedLines applied = {};

  std::string of(const std::string& keyword) const {
    std::string text;
    for (const auto& setting : settingsOf(target, printed, kStandard, applied)) {
      if (setting.keyword != keyword) continue;
      text += (text.empty() ? "" : ", ") + setting.value + ": ";
      if (setting.origin == Origin::FILE) text += setting.file + ":" + std::to_string(setting.line);
      if (setting.origin == Origin::TARGET) text += "target";
      if (setting.origin == Origin::DEFAULT) text += "default";
      if (setting.origin == Origin::UNKNOWN) text += "unknown";
    }
    return text;
  }
};

TEST_CASE("the first line that applies decides") {
  Question question{.printed = "ciphers b\n",
                    .applied = {{line(3, "ciphers", {"b"}), line(7, "ciphers", {"a"}), line(8, "macs", {"m"})}}};
  CHECK(question.of("Ciphers") == "b: c:3");
}

TEST_CASE("what nothing sets is ssh's default, and each keyword is told, set or not") {
  Question question;
  CHECK(question.of("Ciphers") == "a,b: default");
  CHECK(question.of("IdentityFile") == "~/.ssh/id_rsa: default, ~/.ssh/id_ed25519: default");
  CHECK(question.of("ProxyJump") == ": default");
  CHECK(question.of("SendEnv") == ": default");
  CHECK(question.of("HashKnownHosts") == ": default");
}

TEST_CASE("user@ and :port come from the target, whatever the files say") {
  AppliedLines applied{{line(1, "user", {"bob"}), line(2, "port", {"1"})}};
  Question both{.target = {"web1", "root", uint16_t{2222}}, .printed = "user root\nport 2222\n", .applied = applied};
  CHECK(both.of("User") == "root: target");
  CHECK(both.of("Port") == "2222: target");
  Question neither{.printed = "user bob\nport 1\n", .applied = applied};
  CHECK(neither.of("User") == "bob: c:1");
  CHECK(neither.of("Port") == "1: c:2");
}

TEST_CASE("HostName comes from its line, or is the target itself") {
  Question plain{.target = {.host = "WEB1"}, .printed = "hostname web1\n"};
  CHECK(plain.of("HostName") == "web1: target");
  Question named{.printed = "hostname 10.0.0.1\n", .applied = {{line(2, "hostname", {"10.0.0.1"})}}};
  CHECK(named.of("HostName") == "10.0.0.1: c:2");
  Question tokens{.printed = "hostname web1.example.org%1\n",
                  .applied = {{line(2, "hostname", {"%h.example.org%%1"})}}};
  CHECK(tokens.of("HostName") == "web1.example.org%1: c:2");
}

TEST_CASE("a HostName that no line has, or that came too late, is unknown or the target's") {
  Question canonical{.printed = "hostname web1.example.org\n", .applied = {{line(2, "hostname", {"%h"})}}};
  CHECK(canonical.of("HostName") == "web1.example.org: unknown");
  canonical.applied = {};
  CHECK(canonical.of("HostName") == "web1.example.org: unknown");
  Question late{.printed = "hostname web1\n", .applied = {{line(2, "hostname", {"10.0.0.1"}, true)}}};
  CHECK(late.of("HostName") == "web1: target");
}

TEST_CASE("values that accumulate have an origin each, and one that is printed twice is told once") {
  Question question{
      .printed =
          "identityfile ~/.ssh/a b\nidentityfile /c\ncertificatefile /cert\nsendenv LANG\nsendenv LC_*\n"
          "sendenv LC_*\nsetenv A=x y\nsetenv B=1\n",
      .applied = {{line(1, "identityfile", {homeFolder() + "/.ssh/a b"}), line(2, "setenv", {"A=x y", "B=1"}),
                   line(3, "identityfile", {"/c"}), line(4, "sendenv", {"LANG"}), line(5, "sendenv", {"X", "LC_*"}),
                   line(6, "sendenv", {"LC_*"}, true), line(7, "certificatefile", {"/cert"})}}};
  CHECK(question.of("IdentityFile") == "~/.ssh/a b: c:1, /c: c:3");
  CHECK(question.of("CertificateFile") == "/cert: c:7");
  CHECK(question.of("SendEnv") == "LANG: c:4, LC_*: c:5");
  CHECK(question.of("SetEnv") == "A=x y: c:2, B=1: c:2");
}

TEST_CASE("several files in one line are one value") {
  Question question{.printed = "userknownhostsfile /a /b\n",
                    .applied = {{line(1, "userknownhostsfile", {"/a", "/b"}), line(2, "userknownhostsfile", {"/c"})}}};
  CHECK(question.of("UserKnownHostsFile") == "/a /b: c:1");
}

TEST_CASE("of ProxyJump and ProxyCommand the one counts that ssh has taken") {
  Question command{
      .printed = "proxycommand nc\n",
      .applied = {{line(1, "proxyjump", {"none"}), line(2, "proxycommand", {"nc"}), line(3, "proxyjump", {"gate"})}}};
  CHECK(command.of("ProxyCommand") == "nc: c:2");
  Question jump{.printed = "proxyjump gate\n",
                .applied = {{line(1, "proxyjump", {"gate"}), line(2, "proxycommand", {"nc"})}}};
  CHECK(jump.of("ProxyJump") == "gate: c:1");
  CHECK(jump.of("ProxyCommand") == ": unknown");
  Question none{.printed = "", .applied = {{line(1, "proxycommand", {"none"}), line(2, "proxyjump", {"gate"})}}};
  CHECK(none.of("ProxyCommand") == "none: c:1");
}

TEST_CASE("what BatchMode changes has its origin there") {
  Question question{.printed = "batchmode yes\nserveraliveinterval 300\n",
                    .applied = {{line(4, "batchmode", {"yes"})}}};
  CHECK(question.of("ServerAliveInterval") == "300: c:4");
  question.applied.lines.push_back(line(5, "serveraliveinterval", {"300"}));
  CHECK(question.of("ServerAliveInterval") == "300: c:5");
}

TEST_CASE("what cannot be told is unknown and no default") {
  Question odd{.printed = "ciphers x\nidentityfile /x\n"};
  CHECK(odd.of("Ciphers") == "x: unknown");
  CHECK(odd.of("IdentityFile") == "/x: unknown");
  Question lost{.applied = {.lines = {line(1, "port", {"22"})}, .complete = false}};
  CHECK(lost.of("Port") == "22: c:1");
  for (auto* keyword : {"Ciphers", "HostName", "User", "BatchMode"}) {
    CHECK(lost.of(keyword).ends_with(": unknown"));
  }
  CHECK(lost.of("ProxyJump") == ": unknown");
}

}  // namespace
}  // namespace cbs::identity
