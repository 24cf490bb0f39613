#include "agentd/identity/host_certificate.h"

#include "agentd/core/wire.h"
#include "agentd/identity/certificate_key.h"
#include "agentd/identity/public_key.h"
#include "agentd/identity/verdict.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::identity {
namespace {

constexpr uint64_t kNow = 1'800'000'000;
constexpr const char* kAllAlgorithms =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256";

// Makes keys, and certificates of them by ssh-keygen.
struct Authority {
  test::TempFolder folder;

  std::string key(const std::string& name, const std::string& type = "ed25519", const std::string& bits = "256") {
    auto path = folder.path(name);
    test::runProgram({"ssh-keygen", "-q", "-t", type, "-b", bits, "-N", "", "-f", path});
    return *parsePublicKeyFile(test::readFile(path + ".pub"));
  }
  // The certificate that `authority` gives to `name`'s key.
  std::string sign(const std::string& authority, const std::string& name, std::vector<std::string> options) {
    std::vector<std::string> argv = {"ssh-keygen", "-q", "-s", folder.path(authority), "-I", "an identifier"};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back(folder.path(name + ".pub"));
    test::runProgram(argv);
    return *parsePublicKeyFile(test::readFile(folder.path(name + "-cert.pub")));
  }
};

CertificateTerms termsFor(const std::string& name, const std::string& algorithms = kAllAlgorithms) {
  return {name, kNow, algorithms};
}

std::string objection(const std::string& blob, const CertificateTerms& terms = termsFor("web1")) {
  auto certificate = parseHostCertificate(blob);
  return certificate ? objectionTo(*certificate, terms) : "broken";
}

TEST_CASE("certificates of every type, signed by every type of key, speak for the hosts that they name") {
  Authority authority;
  const std::pair<const char*, const char*> types[] = {
      {"ed25519", "256"}, {"ecdsa", "256"}, {"ecdsa", "384"}, {"ecdsa", "521"}, {"rsa", "2048"}};
  for (auto [type, bits] : types) {
    auto signer = std::string("ca-") + type + bits, name = std::string("host-") + type + bits;
    auto signerKey = authority.key(signer, type, bits), plain = authority.key(name, type, bits);
    INFO(name);
    auto blob = authority.sign(signer, name, {"-h", "-n", "web1,web2"});
    auto certificate = parseHostCertificate(blob);
    REQUIRE(certificate);
    CHECK(certificate->plainKey == plain);
    CHECK(certificate->authority == signerKey);
    CHECK(certificate->signatureVerified);
    CHECK(isCertificateType(keyTypeOf(blob)));
    CHECK(plainTypeOf(keyTypeOf(blob)) == keyTypeOf(plain));
    CHECK(objection(blob).empty());
    CHECK(objection(blob, termsFor("web2")).empty());
  }
}

TEST_CASE("RSA authorities sign with SHA-2 of either length, and with SHA-1 in vain") {
  Authority authority;
  authority.key("ca", "rsa", "2048");
  authority.key("host");
  CHECK(objection(authority.sign("ca", "host", {"-t", "rsa-sha2-256", "-h", "-n", "web1"})).empty());
  CHECK(objection(authority.sign("ca", "host", {"-t", "rsa-sha2-512", "-h", "-n", "web1"})).empty());
  CHECK(objection(authority.sign("ca", "host", {"-t", "ssh-rsa", "-h", "-n", "web1"}),
                  termsFor("web1", "ssh-rsa,ssh-ed25519")) == "is signed in a way that is not supported");
}

TEST_CASE("a certificate that does not hold says why") {
  Authority authority;
  authority.key("ca");
  authority.key("host");
  auto sign = [&](std::vector<std::string> options) { return authority.sign("ca", "host", std::move(options)); };
  CHECK(objection(sign({"-h", "-n", "web1", "-V", "20200101:20210101"})) == "has expired");
  CHECK(objection(sign({"-h", "-n", "web1", "-V", "20900101:20910101"})) == "is not valid yet");
  CHECK(objection(sign({"-n", "web1"})) == "is not one of a host");
  CHECK(objection(sign({"-h", "-n", "web2"})) == "does not name web1");
  CHECK(objection(sign({"-h", "-n", "web1"}), termsFor("web1", "rsa-sha2-512")) ==
        "is signed with ssh-ed25519, which CASignatureAlgorithms does not allow");
  CHECK(objection(sign({"-h", "-n", "web1", "-O", "critical:x@example.org=y"})) ==
        "has critical options, which hosts' cannot have");
}

TEST_CASE("what only some releases of OpenSSH trust is not trusted: patterns, and no name at all") {
  Authority authority;
  authority.key("ca");
  authority.key("host");
  CHECK(objection(authority.sign("ca", "host", {"-h", "-n", "web*"})) == "does not name web1");
  CHECK(objection(authority.sign("ca", "host", {"-h"})) == "names no host");
}

TEST_CASE("a certificate is valid from its first second on and no more at its last") {
  HostCertificate certificate{.kind = 2, .principals = {"web1"}, .validAfter = 100, .validBefore = 200};
  certificate.signatureVerified = true;
  certificate.signatureAlgorithm = "ssh-ed25519";
  auto at = [&](uint64_t now) { return objectionTo(certificate, {"web1", now, "ssh-ed25519"}); };
  CHECK(at(99) == "is not valid yet");
  CHECK(at(100).empty());
  CHECK(at(199).empty());
  CHECK(at(200) == "has expired");
}

TEST_CASE("a certificate with one bit changed, or cut short anywhere, is broken") {
  Authority authority;
  authority.key("ca");
  authority.key("host");
  auto good = authority.sign("ca", "host", {"-h", "-n", "web1"});
  REQUIRE(objection(good).empty());
  for (size_t at = 0; at < good.size(); ++at) {
    auto tampered = good;
    tampered[at] = static_cast<char>(tampered[at] ^ (1 << at % 8));
    INFO(at);
    CHECK_FALSE(objection(tampered).empty());
    CHECK_FALSE(parseHostCertificate(good.substr(0, at)));
  }
  CHECK_FALSE(parseHostCertificate(good + "x"));
}

TEST_CASE("a certificate that an authority has signed is no authority") {
  Authority authority;
  authority.key("ca");
  authority.key("host");
  auto certificate = authority.sign("ca", "host", {"-h", "-n", "web1"});
  auto forged = core::WireWriter()
                    .string("ssh-ed25519-cert-v01@openssh.com")
                    .string("nonce")
                    .string(std::string(32, 'k'))
                    .uint64(0)
                    .uint32(2)
                    .string("")
                    .string(core::WireWriter().string("web1").bytes())
                    .uint64(0)
                    .uint64(~uint64_t{0})
                    .string("")
                    .string("")
                    .string("")
                    .string(certificate)
                    .string(core::WireWriter().string("ssh-ed25519").string(std::string(64, 's')).bytes())
                    .bytes();
  CHECK_FALSE(parseHostCertificate(forged));
}

struct Known {
  std::string text;
  KnownHost host() const {
    auto file = std::make_shared<KnownHostsFile>(KnownHostsFile::parse(text));
    return {linesOf({{"file", file}}, "[web1]:2222"), linesOf({{"file", file}}, "web1")};
  }
  void add(const std::string& hosts, const std::string& blob) {
    text += hosts + " " + std::string(keyTypeOf(blob)) + " " + encodeBase64(blob) + "\n";
  }
  Judgement judge(const std::string& blob) const {
    return identity::judge(host(), blob, termsFor("web1"), "ssh-ed25519-cert-v01@openssh.com,ssh-ed25519");
  }
};

TEST_CASE("a certificate is judged by its authority, and its plain key where that is of no help") {
  Authority authority;
  auto ca = authority.key("ca"), plain = authority.key("host"), other = authority.key("other");
  auto good = authority.sign("ca", "host", {"-h", "-n", "web1"});
  auto expired = authority.sign("ca", "host", {"-h", "-n", "web1", "-V", "20200101:20210101"});

  Known known;
  CHECK(known.judge(good).verdict == Verdict::UNKNOWN);
  CHECK(known.judge(good).objection == "is signed by an authority that is not known");
  known.add("@cert-authority *", other);
  CHECK(known.judge(good).verdict == Verdict::UNKNOWN);
  known.add("@cert-authority *", ca);
  CHECK(known.judge(good).verdict == Verdict::TRUSTED);
  CHECK(known.judge(good).line == 2);
  CHECK(known.judge(expired).verdict == Verdict::UNKNOWN);
  CHECK(known.judge(expired).objection == "has expired");
  CHECK(known.judge(plain).verdict == Verdict::UNKNOWN);
  CHECK(known.judge(ca).verdict == Verdict::UNKNOWN);

  known.add("[web1]:2222", other);
  CHECK(known.judge(good).verdict == Verdict::TRUSTED);
  CHECK(known.judge(expired).verdict == Verdict::CHANGED);
  CHECK(known.judge(expired).plainKey == plain);
  known.add("[web1]:2222", plain);
  CHECK(known.judge(expired).verdict == Verdict::TRUSTED);
}

TEST_CASE("revoking the authority or the certified key revokes the certificate") {
  Authority authority;
  auto ca = authority.key("ca"), plain = authority.key("host");
  auto blob = authority.sign("ca", "host", {"-h", "-n", "web1"});
  for (const auto& revoked : {ca, plain}) {
    Known known;
    known.add("@cert-authority *", ca);
    known.add("web1,[web1]:2222", plain);
    REQUIRE(known.judge(blob).verdict == Verdict::TRUSTED);
    known.add("@revoked *", revoked);
    CHECK(known.judge(blob).verdict == Verdict::REVOKED);
    CHECK(known.judge(blob).line == 3);
  }
}

TEST_CASE("a certificate on a line that revokes or names an authority stands for its key") {
  Authority authority;
  auto root = authority.key("root"), ca = authority.key("ca"), plain = authority.key("host");
  auto certifiedAuthority = authority.sign("root", "ca", {"-h", "-n", "ca"});
  auto blob = authority.sign("ca", "host", {"-h", "-n", "web1"});
  Known known;
  known.add("@cert-authority *", certifiedAuthority);
  CHECK(known.judge(blob).verdict == Verdict::TRUSTED);
  known.add("@revoked *", blob);
  CHECK(known.judge(blob).verdict == Verdict::REVOKED);
  CHECK(known.judge(plain).verdict == Verdict::REVOKED);
}

}  // namespace
}  // namespace cbs::identity
