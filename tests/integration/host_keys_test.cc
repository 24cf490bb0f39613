// Which host keys are trusted: each question is put to `ssh` as well.
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

namespace cbs::test {
namespace {

// A key that signs host certificates.
struct Authority {
  explicit Authority(const std::string& type = "ed25519") : key(folder.path("authority")) {
    runProgram({"ssh-keygen", "-q", "-t", type, "-N", "", "-f", key});
  }
  std::string publicKey() const { return readFile(key + ".pub"); }
  std::string line(const std::string& marker = "@cert-authority") const { return marker + " * " + publicKey(); }

  TempFolder folder;
  std::string key;
};

std::string keyMaterial(const std::string& type = "ed25519") {
  TempFolder folder;
  runProgram({"ssh-keygen", "-q", "-t", type, "-N", "", "-f", folder.path("key")});
  return readFile(folder.path("key.pub"));
}

std::string nameOf(const Sshd& sshd) { return "[127.0.0.1]:" + std::to_string(sshd.port()); }

// What `ssh` and cbsession make of a server, each beginning with the same known_hosts.
struct Answers {
  bool ssh = false, ours = false;
  std::string error;                  // ours
  std::string notedBySsh, notedByUs;  // known_hosts afterwards
};

bool sshLogsIn(const PrivateAgent& agent, const std::string& host) {
  auto ssh = CliProcess(Program{.argv = {"ssh", "-F", agent.folder().path("ssh_config"), "-o", "BatchMode=yes", "-o",
                                         "ControlPath=none", host, "true"},
                                .environment = agent.environment()});
  return ssh.finish().code == 0;
}

Answers ask(const Sshd& sshd, const std::string& knownHosts, const std::string& config) {
  PrivateAgent agent;
  agent.addUnknownHost("web1", sshd.port(), config + "\n  User " + sshd.user() + "\n  IdentityFile " + sshd.keyFile());
  agent.start();
  Answers answers;
  agent.folder().write("known_hosts", knownHosts);
  answers.ssh = sshLogsIn(agent, "web1");
  answers.notedBySsh = readFile(agent.knownHostsFile());
  agent.folder().write("known_hosts", knownHosts);
  auto result = agent.cli({"exec", "web1", "true"});
  answers.ours = result.code == 0;
  answers.notedByUs = readFile(agent.knownHostsFile());
  answers.error = result.err;
  if (!answers.ours) CHECK(result.code == 243);
  return answers;
}

constexpr const char* kYes = "StrictHostKeyChecking yes";
constexpr const char* kAcceptNew = "StrictHostKeyChecking accept-new";
constexpr const char* kNo = "StrictHostKeyChecking no";

// Both trust the server, or neither does, and both note down the same.
void checkBoth(bool trusted, const Sshd& sshd, const std::string& knownHosts, const std::string& config = kYes) {
  INFO(config << "\n" << knownHosts);
  auto answers = ask(sshd, knownHosts, config);
  INFO(answers.error);
  CHECK(answers.ssh == trusted);
  CHECK(answers.ours == trusted);
  CHECK(answers.notedByUs == answers.notedBySsh);
}

TEST_CASE("a host certificate is trusted when ssh trusts it") {
  Sshd sshd;
  Authority authority, other;
  auto known = authority.line();
  auto plain = nameOf(sshd) + " " + sshd.hostKey() + "\n", changed = nameOf(sshd) + " " + keyMaterial();

  SECTION("one that names the host, by an authority for the host") {
    sshd.restartWithCertificates(authority.key, {"-n", "127.0.0.1,web1"});
    checkBoth(true, sshd, known);
    checkBoth(true, sshd, "@cert-authority 127.0.0.1 " + authority.publicKey());
    checkBoth(true, sshd, "@cert-authority " + nameOf(sshd) + " " + authority.publicKey());
    checkBoth(true, sshd, known, std::string(kYes) + "\n  HostKeyAlias WEB1");
    checkBoth(true, sshd, known + changed);
    checkBoth(true, sshd, plain);

    checkBoth(false, sshd, other.line());
    checkBoth(false, sshd, "@cert-authority web2 " + authority.publicKey());
    checkBoth(false, sshd, known, std::string(kYes) + "\n  HostKeyAlias web2");
    checkBoth(false, sshd, known, std::string(kYes) + "\n  CASignatureAlgorithms rsa-sha2-512");
    checkBoth(false, sshd, known, std::string(kYes) + "\n  HostKeyAlgorithms ssh-ed25519");
    checkBoth(false, sshd, known + authority.line("@revoked"));
    checkBoth(false, sshd, known + "@revoked * " + sshd.hostKey() + "\n");
    checkBoth(false, sshd, plain + authority.line("@revoked"));
  }

  SECTION("one that has expired is worth its plain key") {
    sshd.restartWithCertificates(authority.key, {"-n", "127.0.0.1", "-V", "20200101:20210101"});
    checkBoth(false, sshd, known);
    checkBoth(true, sshd, known + plain);
    checkBoth(false, sshd, known + changed);
    checkBoth(true, sshd, known, kAcceptNew);
    checkBoth(false, sshd, known + changed, kAcceptNew);
    // OpenSSH 9.2 takes the plain key here, later releases do not.
    auto certificatesAlone = std::string(kAcceptNew) + "\n  HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com";
    CHECK_FALSE(ask(sshd, known, certificatesAlone).ours);
    CHECK(contains(ask(sshd, known, kYes).error, "its certificate has expired"));
    CHECK(contains(ask(sshd, known + changed, kYes).error, "host key changed"));
  }

  SECTION("one of another host is not") {
    sshd.restartWithCertificates(authority.key, {"-n", "web2"});
    checkBoth(false, sshd, known);
    CHECK(contains(ask(sshd, known, kYes).error, "its certificate does not name 127.0.0.1"));
  }

  SECTION("a server that has none is not known by an authority") {
    checkBoth(false, sshd, known);
    checkBoth(true, sshd, known + plain);
  }
}

TEST_CASE("host certificates of every key type are taken, signed by every type of authority") {
  for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
    Sshd sshd({.hostKeys = {type}});
    Authority authority(type);
    sshd.restartWithCertificates(authority.key, {"-n", "127.0.0.1"});
    checkBoth(true, sshd, authority.line());
  }
}

TEST_CASE("an RSA key that is shorter than required is refused, in a certificate, too") {
  Sshd sshd({.hostKeys = {"rsa"}});
  Authority authority;
  auto plain = nameOf(sshd) + " " + sshd.hostKey("rsa") + "\n";
  auto config = std::string(kYes) + "\n  RequiredRSASize 4096";
  checkBoth(true, sshd, plain, std::string(kYes) + "\n  RequiredRSASize 2048");
  checkBoth(false, sshd, plain, config);
  CHECK(contains(ask(sshd, plain, config).error, "3072 bits"));
  sshd.restartWithCertificates(authority.key, {"-n", "127.0.0.1"});
  checkBoth(false, sshd, authority.line(), config);
}

TEST_CASE("a plain key is trusted when ssh trusts it, whether checked strictly or not") {
  Sshd sshd({.hostKeys = {"ed25519", "ecdsa"}});
  auto key = [&](const std::string& type) { return nameOf(sshd) + " " + sshd.hostKey(type) + "\n"; };
  auto changed = nameOf(sshd) + " " + keyMaterial(), newType = nameOf(sshd) + " " + keyMaterial("rsa");
  auto revoked = "@revoked " + key("ed25519");
  for (auto* strict : {kYes, kAcceptNew, kNo}) {
    checkBoth(true, sshd, key("ed25519"), strict);
    checkBoth(true, sshd, key("ecdsa"), strict);
    checkBoth(strict != kYes, sshd, "", strict);
    checkBoth(strict == kNo, sshd, changed, strict);
    checkBoth(strict == kNo, sshd, newType, strict);
    checkBoth(true, sshd, changed + key("ed25519"), strict);
    checkBoth(true, sshd, revoked + key("ecdsa"), std::string(strict) + "\n  HostKeyAlgorithms ecdsa-sha2-nistp256");
    CHECK_FALSE(ask(sshd, revoked + key("ed25519"), strict).ours);  // ssh goes on with `no`
  }
  CHECK(contains(ask(sshd, newType, kAcceptNew).error, "host key changed (SHA256:"));
}

TEST_CASE("what RevokedHostKeys names is refused as ssh refuses it") {
  Sshd sshd;
  Authority authority;
  TempFolder folder;
  auto plain = nameOf(sshd) + " " + sshd.hostKey() + "\n";
  auto config = [&](const std::string& file) { return std::string(kYes) + "\n  RevokedHostKeys " + file; };
  auto list = folder.write("list", sshd.hostKey() + "\n"), others = folder.write("others", keyMaterial());

  checkBoth(false, sshd, plain, config(list));
  CHECK(contains(ask(sshd, plain, config(list)).error, "host key revoked"));
  checkBoth(true, sshd, plain, config(others));
  checkBoth(true, sshd, plain, config("none"));
  checkBoth(false, sshd, plain, config(folder.path("missing")));
  checkBoth(false, sshd, plain, config(folder.write("junk", "not a key\n")));
  checkBoth(false, sshd, plain, config(list) + "\n  NoHostAuthenticationForLocalhost yes");
  runProgram({"ssh-keygen", "-q", "-k", "-f", folder.path("krl"), list});
  checkBoth(false, sshd, plain, config(folder.path("krl")));
  runProgram({"ssh-keygen", "-q", "-k", "-f", folder.path("other-krl"), others});
  checkBoth(true, sshd, plain, config(folder.path("other-krl")));

  sshd.restartWithCertificates(authority.key, {"-n", "127.0.0.1"});
  checkBoth(false, sshd, plain, config(authority.key + ".pub"));
  checkBoth(false, sshd, authority.line(), config(list));
  checkBoth(true, sshd, authority.line(), config(others));
}

TEST_CASE("a loopback address needs no known key where the configuration says so") {
  Sshd sshd;
  auto config = std::string(kYes) + "\n  NoHostAuthenticationForLocalhost yes";
  checkBoth(true, sshd, "", config);
  checkBoth(true, sshd, nameOf(sshd) + " " + keyMaterial(), config);
  checkBoth(false, sshd, "", config + "\n  HostKeyAlias web1");
  checkBoth(false, sshd, "");
}

TEST_CASE("a new key is accepted also where it cannot be noted down, and noted down under no name that is a pattern") {
  Sshd sshd;
  checkBoth(true, sshd, "", std::string(kAcceptNew) + "\n  UserKnownHostsFile /proc/none/known_hosts");
  checkBoth(false, sshd, "", std::string(kAcceptNew) + "\n  UserKnownHostsFile none");
  auto answers = ask(sshd, "", std::string(kAcceptNew) + "\n  HostKeyAlias *");
  CHECK_FALSE(answers.ours);
  CHECK(answers.notedByUs.empty());
}

TEST_CASE("two daemons and ssh note new keys down at the same time, each once") {
  constexpr int kHosts = 6;
  Sshd sshd;
  PrivateAgent first, second;
  auto shared = first.folder().path("shared");
  auto addTo = [&](PrivateAgent& agent, const std::string& name) {
    agent.addUnknownHost(name, sshd.port(),
                         std::string(kAcceptNew) + "\n  HostKeyAlias " + name + "\n  UserKnownHostsFile " + shared +
                             "\n  User " + sshd.user() + "\n  IdentityFile " + sshd.keyFile());
  };
  for (int i = 0; i < kHosts; ++i) {
    for (auto* agent : {&first, &second}) addTo(*agent, "web" + std::to_string(i));
    addTo(first, "other" + std::to_string(i));
  }
  first.start();
  second.start();
  std::vector<CliProcess> running;
  for (int i = 0; i < kHosts; ++i) {
    for (auto* agent : {&first, &second})
      running.push_back(agent->startCli({"exec", "web" + std::to_string(i), "true"}));
    running.emplace_back(Program{.argv = {"ssh", "-F", first.folder().path("ssh_config"), "-o", "BatchMode=yes",
                                          "other" + std::to_string(i), "true"},
                                 .environment = first.environment()});
  }
  for (auto& process : running) CHECK(process.finish().code == 0);

  auto text = readFile(shared);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2 * kHosts);
  for (int i = 0; i < kHosts; ++i) {
    for (auto* name : {"web", "other"}) {
      CHECK(contains("\n" + text, "\n" + (name + std::to_string(i)) + " " + sshd.hostKey() + "\n"));
    }
  }
}

}  // namespace
}  // namespace cbs::test
