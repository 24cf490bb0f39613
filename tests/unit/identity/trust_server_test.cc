#include "agentd/identity/trust_server.h"

#include "agentd/identity/public_key.h"
#include "tests/unit/identity/world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::identity {
namespace {

struct TrustWorld : World {
  std::shared_ptr<TrustFiles> files = std::make_shared<TrustFiles>(loop);
  std::string blob = *parsePublicKeyFile(test::readFile(makeKey("host") + ".pub"));
  std::string otherBlob = *parsePublicKeyFile(test::readFile(makeKey("other", "ecdsa") + ".pub"));
  HostConfig config;

  TrustWorld() {
    config.hostName = "Web1";
    config.port = 2222;
    config.userKnownHostsFiles = {folder.path("known_hosts")};
    config.hostKeyAlgorithms = "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512";
  }

  void know(const std::string& name, const std::string& key) {
    folder.write("known_hosts", name + " " + std::string(keyTypeOf(key)) + " " + encodeBase64(key) + "\n");
  }
  schema::Trust::Client server() { return kj::heap<TrustServer>(files, trustSettingsOf(config)); }
  kj::Promise<capnp::Response<schema::Trust::JudgeResults>> ask(const std::string& key, const std::string& address) {
    auto request = server().judgeRequest();
    request.setKey({reinterpret_cast<const capnp::byte*>(key.data()), key.size()});
    request.setAddress(address);
    return request.send().dropPipeline();
  }
  Error judge(const std::string& key, const std::string& address = "127.0.0.1:2222") {
    return wait(ask(key, address).then([](auto&& response) { return decode(response.getError()); }));
  }
  bool publicKeyOnly(const std::string& key) {
    return wait(ask(key, "127.0.0.1:2222").then([](auto&& response) {
      REQUIRE(response.getError().getKind() == ErrorKind::NONE);
      return response.getPublicKeyOnly();
    }));
  }
  // The host's key, certified for `name` by the key `authority`.
  std::string certify(const std::string& name) {
    test::runProgram(
        {"ssh-keygen", "-q", "-s", folder.path("authority"), "-I", "id", "-h", "-n", name, folder.path("host.pub")});
    return *parsePublicKeyFile(test::readFile(folder.path("host-cert.pub")));
  }
  std::string algorithms() {
    return wait(server().algorithmsRequest().send().dropPipeline().then([](auto&& response) {
      std::string list;
      for (auto name : response.getAlgorithms()) list += std::string(name.cStr()) + " ";
      return list;
    }));
  }
};

TEST_CASE("a known key is accepted by name and port, by name alone, and by its alias") {
  TrustWorld world;
  world.know("[web1]:2222", world.blob);
  CHECK(world.judge(world.blob).kind == ErrorKind::NONE);
  world.know("web1", world.blob);
  CHECK(world.judge(world.blob).kind == ErrorKind::NONE);
  world.know("alias", world.blob);
  CHECK(world.judge(world.blob).reason == Reason::HOST_KEY_UNKNOWN);
  world.config.hostKeyAlias = "Alias";
  CHECK(world.judge(world.blob).kind == ErrorKind::NONE);
}

TEST_CASE("an unknown key is refused with its fingerprint") {
  TrustWorld world;
  auto error = world.judge(world.blob);
  CHECK(error.kind == ErrorKind::HOST_KEY_REFUSED);
  CHECK(error.reason == Reason::HOST_KEY_UNKNOWN);
  CHECK(error.fact("fingerprint") == fingerprintOf(world.blob));
  CHECK(error.fact("keyType") == "ssh-ed25519");
}

TEST_CASE("a changed key is refused with both fingerprints and the line, strict or not") {
  TrustWorld world;
  world.know("[web1]:2222", world.otherBlob);
  for (auto strict : {HostConfig::Strict::YES, HostConfig::Strict::ACCEPT_NEW}) {
    world.config.strictHostKeyChecking = strict;
    auto error = world.judge(world.blob);
    CHECK(error.reason == Reason::HOST_KEY_CHANGED);
    CHECK(error.fact("fingerprint") == fingerprintOf(world.blob));
    CHECK(error.fact("expectedFingerprint") == fingerprintOf(world.otherBlob));
    CHECK(error.fact("file") == world.folder.path("known_hosts"));
    CHECK(error.fact("line") == "1");
  }
}

TEST_CASE("a revoked key is refused, also by the name without the port") {
  TrustWorld world;
  world.config.strictHostKeyChecking = HostConfig::Strict::ACCEPT_NEW;
  world.know("@revoked web1", world.blob);
  CHECK(world.judge(world.blob).reason == Reason::HOST_KEY_REVOKED);
}

TEST_CASE("accept-new notes the first key down, for good") {
  TrustWorld world;
  world.config.strictHostKeyChecking = HostConfig::Strict::ACCEPT_NEW;
  CHECK(world.judge(world.blob).kind == ErrorKind::NONE);
  auto text = test::readFile(world.folder.path("known_hosts"));
  CHECK(text == "[web1]:2222 ssh-ed25519 " + encodeBase64(world.blob) + "\n");
  CHECK(world.judge(world.blob).kind == ErrorKind::NONE);
  CHECK(test::readFile(world.folder.path("known_hosts")) == text);
  CHECK(world.judge(world.otherBlob).reason == Reason::HOST_KEY_CHANGED);
}

TEST_CASE("accept-new hashes names where ssh would, and accepts nothing without a file") {
  TrustWorld world;
  world.config.strictHostKeyChecking = HostConfig::Strict::ACCEPT_NEW;
  world.config.hashKnownHosts = true;
  CHECK(world.judge(world.blob).kind == ErrorKind::NONE);
  CHECK(test::readFile(world.folder.path("known_hosts")).starts_with("|1|"));
  CHECK(world.judge(world.blob).kind == ErrorKind::NONE);
  world.config.userKnownHostsFiles = {};
  CHECK(world.judge(world.otherBlob).reason == Reason::HOST_KEY_UNKNOWN);
}

TEST_CASE("garbage in place of a key is never trusted by a strict host") {
  TrustWorld world;
  world.know("[web1]:2222", world.blob);
  for (const auto& junk : {std::string(), std::string("x"), std::string(1000, '\0')}) {
    CHECK(world.judge(junk).kind == ErrorKind::HOST_KEY_REFUSED);
  }
}

TEST_CASE("algorithms of known keys come first, by name and port or by name alone") {
  TrustWorld world;
  CHECK(world.algorithms() == "ssh-ed25519 ecdsa-sha2-nistp256 rsa-sha2-512 ");
  world.know("[web1]:2222", world.otherBlob);
  CHECK(world.algorithms() == "ecdsa-sha2-nistp256 ssh-ed25519 rsa-sha2-512 ");
  world.know("web1", world.otherBlob);
  CHECK(world.algorithms() == "ecdsa-sha2-nistp256 ssh-ed25519 rsa-sha2-512 ");
}

TEST_CASE("without strict checking a changed key is accepted for public keys alone, but never a revoked one") {
  TrustWorld world;
  world.config.strictHostKeyChecking = HostConfig::Strict::OFF;
  world.know("[web1]:2222", world.blob);
  CHECK_FALSE(world.publicKeyOnly(world.blob));
  world.know("[web1]:2222", world.otherBlob);
  auto before = test::readFile(world.folder.path("known_hosts"));
  CHECK(world.publicKeyOnly(world.blob));
  CHECK(test::readFile(world.folder.path("known_hosts")) == before);
  world.know("@revoked [web1]:2222", world.blob);
  CHECK(world.judge(world.blob).reason == Reason::HOST_KEY_REVOKED);
}

TEST_CASE("a name that would stand for other hosts is neither noted down nor accepted") {
  TrustWorld world;
  world.config.strictHostKeyChecking = HostConfig::Strict::ACCEPT_NEW;
  for (auto* alias : {"*", "web1,web2", "!web1", "a|b"}) {
    world.config.hostKeyAlias = alias;
    CHECK(world.judge(world.blob).reason == Reason::HOST_KEY_UNKNOWN);
  }
  CHECK(test::readFile(world.folder.path("known_hosts")).empty());
}

TEST_CASE("a first key is accepted where it cannot be noted down, as ssh does") {
  TrustWorld world;
  world.config.strictHostKeyChecking = HostConfig::Strict::ACCEPT_NEW;
  world.config.userKnownHostsFiles = {"/proc/none/known_hosts"};
  CHECK(world.judge(world.blob).kind == ErrorKind::NONE);
}

TEST_CASE("a loopback address is not judged where the configuration says so, but for an alias and for revocations") {
  TrustWorld world;
  world.know("[web1]:2222", world.otherBlob);
  CHECK(world.judge(world.blob, "127.0.0.1:2222").reason == Reason::HOST_KEY_CHANGED);
  world.config.noHostAuthenticationForLocalhost = true;
  CHECK(world.judge(world.blob, "127.0.0.1:2222").kind == ErrorKind::NONE);
  CHECK(world.judge(world.blob, "127.8.9.10:2222").kind == ErrorKind::NONE);
  CHECK(world.judge(world.blob, "[::1]:2222").kind == ErrorKind::NONE);
  for (auto* address : {"10.0.0.1:2222", "[::]:2222", "[::10]:2222", "12.7.0.1:22", "", "?"}) {
    CHECK(world.judge(world.blob, address).reason == Reason::HOST_KEY_CHANGED);
  }
  world.config.revokedHostKeys = {world.folder.path("host.pub")};
  CHECK(world.judge(world.blob, "127.0.0.1:2222").reason == Reason::HOST_KEY_REVOKED);
  world.config.revokedHostKeys = {};
  world.config.hostKeyAlias = "web1";
  CHECK(world.judge(world.blob, "127.0.0.1:2222").reason == Reason::HOST_KEY_UNKNOWN);
}

TEST_CASE("a certificate of a known authority is accepted, and its authority told apart from its key") {
  TrustWorld world;
  world.config.caSignatureAlgorithms = "ssh-ed25519";
  auto authority = *parsePublicKeyFile(test::readFile(world.makeKey("authority") + ".pub"));
  auto certificate = world.certify("web1");
  world.know("@cert-authority *", authority);
  CHECK(world.judge(certificate).kind == ErrorKind::NONE);
  CHECK(world.judge(world.blob).reason == Reason::HOST_KEY_UNKNOWN);

  world.config.hostKeyAlias = "Other";
  auto error = world.judge(certificate);
  CHECK(error.reason == Reason::HOST_KEY_UNKNOWN);
  CHECK(error.fact("certificate") == "does not name other");
  CHECK(error.fact("fingerprint") == fingerprintOf(world.blob));
}

TEST_CASE("accept-new notes the plain key of a certificate down that does not convince, but none of a broken one") {
  TrustWorld world;
  world.config.strictHostKeyChecking = HostConfig::Strict::ACCEPT_NEW;
  world.makeKey("authority");
  auto certificate = world.certify("web1");
  auto broken = certificate;
  broken.back() = static_cast<char>(broken.back() ^ 1);
  CHECK(world.judge(broken).reason == Reason::HOST_KEY_UNKNOWN);
  world.config.hostKeyAlgorithms = "ssh-ed25519-cert-v01@openssh.com";
  CHECK(world.judge(certificate).reason == Reason::HOST_KEY_UNKNOWN);
  CHECK(test::readFile(world.folder.path("known_hosts")).empty());
  world.config.hostKeyAlgorithms = "ssh-ed25519-cert-v01@openssh.com,ssh-ed25519";
  CHECK(world.judge(certificate).kind == ErrorKind::NONE);
  CHECK(test::readFile(world.folder.path("known_hosts")) ==
        "[web1]:2222 ssh-ed25519 " + encodeBase64(world.blob) + "\n");
}

}  // namespace
}  // namespace cbs::identity
