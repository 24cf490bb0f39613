// As ssh does: certificates, of users and of hosts. Each case is run by both and held against what is written here.
#include "tests/integration/key_ground.h"

namespace cbs::test {
namespace {

const Refusal kRefused{242, "Permission denied (publickey)", "accepted none of our keys"};
const Refusal kUnknown{243, "Host key verification failed", "host key unknown"};

const std::vector<ParityCase> kOfUsers = {
    {.name = "a certificate beside the key file logs in",
     .config = "Host cert\n IdentityFile {certified-file}",
     .target = "cert",
     .outcome = with("certified-cert")},
    {.name = "CertificateFile is the certificate of a key elsewhere",
     .config = "Host cert-file\n IdentityFile {apart-file}\n CertificateFile {apart-cert-file}",
     .target = "cert-file",
     .outcome = with("apart-cert")},
    {.name = "a certificate in the agent logs in",
     .config = "Host cert-agent",
     .target = "cert-agent",
     .outcome = with("certified-cert"),
     .environment = agentAt("{agent-certified}")},
    {.name = "CertificateFile goes with a key in the agent",
     .config =
         "Host cert-held\n IdentityFile {apart-file}.pub\n CertificateFile {apart-cert-file}\n IdentitiesOnly yes",
     .target = "cert-held",
     .outcome = with("apart-cert"),
     .environment = agentAt("{agent-apart}")},
    {.name = "an expired certificate is refused",
     .config = "Host cert-expired\n IdentityFile {expired-file}",
     .target = "cert-expired",
     .outcome = kRefused},
    {.name = "an expired certificate is followed by its plain key",
     .config = "Host cert-then-key\n IdentityFile {renewable-file}",
     .target = "cert-then-key",
     .outcome = with("renewable")},
    {.name = "a certificate for another account is refused",
     .config = "Host cert-principal\n IdentityFile {elsewhere-file}",
     .target = "cert-principal",
     .outcome = kRefused},
    {.name = "a CertificateFile that is missing is passed over",
     .config = "Host cert-missing\n IdentityFile {a-file}\n CertificateFile {home}/missing",
     .target = "cert-missing",
     .outcome = with("a")},
};

const std::vector<ParityCase> kOfHosts = {
    {.name = "a certificate of a trusted authority is enough",
     .config = "Host cert\n Port {certified}\n UserKnownHostsFile {known}\n StrictHostKeyChecking yes",
     .target = "cert",
     .outcome = Login{.port = "{certified}"},
     .knownHosts = "@cert-authority [127.0.0.1]:* {authority}\n"},
    {.name = "an authority is trusted for its hosts only",
     .config = "Host cert-elsewhere\n Port {certified}\n UserKnownHostsFile {known}",
     .target = "cert-elsewhere",
     .outcome = kUnknown,
     .knownHosts = "@cert-authority *.example.com {authority}\n"},
    {.name = "another authority's certificate is not enough",
     .config = "Host cert-stranger\n Port {certified}\n UserKnownHostsFile {known}\n StrictHostKeyChecking yes",
     .target = "cert-stranger",
     .outcome = Refusal{243, "Host key verification failed", "host key unknown"},
     .knownHosts = "@cert-authority * {stranger}\n"},
    {.name = "a server with a certificate is known by its plain key, too",
     .config = "Host cert-plain\n Port {certified}\n UserKnownHostsFile {known}",
     .target = "cert-plain",
     .outcome = Login{.port = "{certified}"},
     .knownHosts = "[127.0.0.1]:{certified} {certified-ed25519}\n"},
    {.name = "a server with a certificate is noted down with its plain key",
     .config = "Host cert-new\n Port {certified}\n UserKnownHostsFile {known}\n StrictHostKeyChecking accept-new",
     .target = "cert-new",
     .outcome = Login{.port = "{certified}"},
     .knownHosts = "",
     .added = "[127.0.0.1]:{certified} {certified-ed25519}\n"},
    {.name = "HostKeyAlias is the name that a certificate must have",
     .config = "Host cert-alias\n Port {certified}\n UserKnownHostsFile {known}\n HostKeyAlias the-host",
     .target = "cert-alias",
     .outcome = Login{.port = "{certified}"},
     .knownHosts = "@cert-authority the-host {authority}\n"},
    {.name = "an expired certificate is refused",
     .config = "Host cert-expired\n Port {expired}\n UserKnownHostsFile {known}\n StrictHostKeyChecking yes",
     .target = "cert-expired",
     .outcome = Refusal{243, "expired", "expired"},
     .knownHosts = "@cert-authority * {authority}\n"},
    {.name = "a certificate for another host is refused",
     .config = "Host cert-principal\n Port {elsewhere}\n UserKnownHostsFile {known}\n StrictHostKeyChecking yes",
     .target = "cert-principal",
     .outcome = Refusal{243, "Host key verification failed", "host key unknown"},
     .knownHosts = "@cert-authority * {authority}\n"},
    {.name = "a certificate of a revoked authority is refused",
     .config = "Host cert-revoked\n Port {certified}\n UserKnownHostsFile {known}\n StrictHostKeyChecking yes",
     .target = "cert-revoked",
     .outcome = Refusal{243, "revoked", "revoked"},
     .knownHosts = "@cert-authority * {authority}\n@revoked * {authority}\n"},
};

void certify(KeyGround& ground, const std::string& name, const std::string& principal,
             const std::string& validity = "always:forever") {
  ground.keys.certify(name, "authority", principal, validity);
  ground.matrix.define(name + "-cert", ground.keys.publicLine(name + "-cert"));
}

TEST_CASE("as ssh does: certificates of users", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  KeyGround ground;
  ground.keys.make("authority");
  ground.sshd.letIn("cert-authority " + ground.keys.publicLine("authority"));
  for (const char* name : {"certified", "apart", "expired", "elsewhere"}) ground.make(name);
  ground.letIn("renewable");
  certify(ground, "certified", ground.sshd.user());
  certify(ground, "apart", ground.sshd.user());
  certify(ground, "expired", ground.sshd.user(), "20200101:20200102");
  certify(ground, "renewable", ground.sshd.user(), "20200101:20200102");
  certify(ground, "elsewhere", "another-account");
  std::filesystem::rename(ground.keys.path("apart-cert.pub"), ground.keys.path("of-apart.pub"));
  ground.matrix.define("apart-cert-file", ground.keys.path("of-apart.pub"));
  SshAgent certified, apart;
  ground.fill("certified", certified, {"certified"});
  ground.fill("apart", apart, {"apart"});
  checkParity(ground.matrix, kOfUsers, KeyGround::kCommon);
}

// Servers that show certificates: a good one, one of long ago, one for another host.
struct CertifiedServers {
  CertifiedServers() {
    keys.make("authority");
    keys.make("stranger");
    certify(certified, "127.0.0.1,the-host", "always:forever");
    certify(expired, "127.0.0.1", "20200101:20200102");
    certify(elsewhere, "elsewhere.example.com", "always:forever");
    matrix.add("certified", certified);
    matrix.add("expired", expired);
    matrix.add("elsewhere", elsewhere);
    matrix.define("good", matrix.expand("{certified-key}"));
    matrix.define("certified-ed25519", certified.hostKey());
    for (const char* name : {"authority", "stranger"}) matrix.define(name, keys.publicLine(name));
  }

  void certify(Sshd& sshd, const std::string& principals, const std::string& validity) {
    sshd.letIn(readFile(certified.keyFile() + ".pub"));
    sshd.restartWithCertificates(keys.path("authority"), {"-n", principals, "-V", validity});
  }

  static SshdOptions options() { return {.lines = {"ExposeAuthInfo yes"}}; }

  Sshd certified{options()};
  Sshd expired{options()};
  Sshd elsewhere{options()};
  KeyFolder keys;
  ParityMatrix matrix;
};

TEST_CASE("as ssh does: certificates of hosts", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  CertifiedServers ground;
  checkParity(ground.matrix, kOfHosts,
              " HostName 127.0.0.1\n User {user}\n IdentityFile {certified-key-file}\n IdentitiesOnly yes\n"
              " GlobalKnownHostsFile /dev/null");
}

}  // namespace
}  // namespace cbs::test
