#include "agentd/identity/config_output.h"

#include "agentd/identity/path_tokens.h"

#include <pwd.h>
#include <catch2/catch_test_macros.hpp>

#include <cstdlib>

namespace cbs::identity {
namespace {

using Paths = std::vector<std::string>;

HostConfig parse(const std::string& lines) {
  auto config = parseHostConfig("host web\nhostname web.example.org\nport 2222\nuser bob\n" + lines);
  REQUIRE(config);
  return *config;
}

TEST_CASE("ssh -G's lines become fields") {
  auto config = parse(
      "identitiesonly yes\nstricthostkeychecking accept-new\nhashknownhosts yes\nhostkeyalias web-key\nciphers "
      "a,b\nmacs m\n"
      "kexalgorithms k\nconnecttimeout 7\naddressfamily inet6\nbindaddress 10.0.0.1\nsetenv A=b c\nsetenv "
      "D=e=f\nsendenv LANG\n"
      "sendenv LC_*\nproxyjump u@j:33\nproxycommand nc %h\nidentityagent none\n");
  CHECK(config.alias == "web");
  CHECK(config.hostName == "web.example.org");
  CHECK(config.port == 2222);
  CHECK(config.user == "bob");
  CHECK(config.identitiesOnly);
  CHECK(config.strictHostKeyChecking == HostConfig::Strict::ACCEPT_NEW);
  CHECK(config.hashKnownHosts);
  CHECK(config.hostKeyAlias == "web-key");
  CHECK(config.connectTimeoutSeconds == 7);
  CHECK(config.addressFamily == HostConfig::Family::INET6);
  CHECK(config.bindAddress == "10.0.0.1");
  CHECK(config.setEnv == HostConfig::Variables{{"A", "b c"}, {"D", "e=f"}});
  CHECK(config.sendEnv == Paths{"LANG", "LC_*"});
  CHECK(config.proxyJump == "u@j:33");
  CHECK(config.proxyCommand == "nc web.example.org");
  CHECK(config.identityAgent == "none");
}

TEST_CASE("none means none") {
  auto config =
      parse("proxyjump none\nproxycommand none\nidentityfile none\nuserknownhostsfile none\nconnecttimeout none\n");
  CHECK(config.proxyJump.empty());
  CHECK(config.proxyCommand.empty());
  CHECK(config.identityFiles.empty());
  CHECK(config.userKnownHostsFiles.empty());
  CHECK(config.connectTimeoutSeconds == 0);
}

TEST_CASE("only yes, true and ask check host keys strictly") {
  for (auto* value : {"yes", "true", "ask"}) {
    CHECK(parse(std::string("stricthostkeychecking ") + value + "\n").strictHostKeyChecking == HostConfig::Strict::YES);
  }
  for (auto* value : {"no", "off", "false"}) {
    CHECK(parse(std::string("stricthostkeychecking ") + value + "\n").strictHostKeyChecking == HostConfig::Strict::OFF);
  }
}

TEST_CASE("what revokes host keys and who may sign them is taken as it is printed") {
  auto config = parse(
      "revokedhostkeys ~/revoked /etc/ssh/krl\ncasignaturealgorithms ssh-ed25519,rsa-sha2-512\n"
      "nohostauthenticationforlocalhost yes\nrequiredrsasize 3072\n");
  CHECK(config.requiredRsaSize == 3072);
  CHECK(config.revokedHostKeys == Paths{"~/revoked", "/etc/ssh/krl"});
  CHECK(config.caSignatureAlgorithms == "ssh-ed25519,rsa-sha2-512");
  CHECK(config.noHostAuthenticationForLocalhost);
  CHECK(parse("revokedhostkeys none\n").revokedHostKeys.empty());
}

TEST_CASE("several paths on a line are told apart, blanks in them included") {
  CHECK(parse("userknownhostsfile /a/b /with a blank/c ~/d\n").userKnownHostsFiles ==
        Paths{"/a/b", "/with a blank/c", homeFolder() + "/d"});
  CHECK(parse("userknownhostsfile one two\n").userKnownHostsFiles == Paths{"one", "two"});
}

TEST_CASE("placeholders in the names of key files are replaced") {
  setenv("CBS_KEYS", "/keys", 1);
  auto config =
      parse("identityfile ~/.ssh/%h_%r_%n_%p\nidentityfile ${CBS_KEYS}/100%%\nidentityfile /x/%Z${UNSET_HERE}%\n");
  CHECK(config.identityFiles ==
        Paths{homeFolder() + "/.ssh/web.example.org_bob_web_2222", "/keys/100%", "/x/%Z${UNSET_HERE}%"});
}

TEST_CASE("a path with ~NAME begins in that account's home directory, and nobody's stays as it is") {
  const passwd* account = getpwuid(0);
  REQUIRE(account != nullptr);
  auto config = parse("identityfile ~" + std::string(account->pw_name) + "/key\nidentityfile ~no-such-account/key\n");
  CHECK(config.identityFiles == Paths{std::string(account->pw_dir) + "/key", "~no-such-account/key"});
}

TEST_CASE("an answer that lacks what a host needs is refused") {
  for (auto* text : {"", "garbage", "hostname\n", "hostname a\nuser b\nport 0\n", "user b\nport 22\n"}) {
    auto config = parseHostConfig(text);
    REQUIRE_FALSE(config);
    CHECK(config.error().reason == Reason::CONFIG_UNUSABLE);
  }
}

}  // namespace
}  // namespace cbs::identity
