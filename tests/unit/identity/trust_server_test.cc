#include "agentd/identity/trust_server.h"

#include "agentd/identity/public_key.h"
#include "tests/unit/identity/world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::identity {
namespace {

struct TrustWorld : World {
  std::shared_ptr<KnownHosts> known = std::make_shared<KnownHosts>(loop);
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
  schema::Trust::Client server() { return kj::heap<TrustServer>(known, trustSettingsOf(config)); }
  Error judge(const std::string& key) {
    auto request = server().judgeRequest();
    request.setKey({reinterpret_cast<const capnp::byte*>(key.data()), key.size()});
    request.setAddress("127.0.0.1");
    return wait(request.send().dropPipeline().then([](auto&& response) { return decode(response.getError()); }));
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

TEST_CASE("accept-new hashes names where ssh would, and needs no file") {
  TrustWorld world;
  world.config.strictHostKeyChecking = HostConfig::Strict::ACCEPT_NEW;
  world.config.hashKnownHosts = true;
  CHECK(world.judge(world.blob).kind == ErrorKind::NONE);
  CHECK(test::readFile(world.folder.path("known_hosts")).starts_with("|1|"));
  CHECK(world.judge(world.blob).kind == ErrorKind::NONE);
  world.config.userKnownHostsFiles = {};
  CHECK(world.judge(world.otherBlob).kind == ErrorKind::NONE);
}

TEST_CASE("garbage in place of a key is never trusted by a strict host") {
  TrustWorld world;
  world.know("[web1]:2222", world.blob);
  for (const auto& junk : {std::string(), std::string("x"), std::string(1000, '\0')}) {
    CHECK(world.judge(junk).kind == ErrorKind::HOST_KEY_REFUSED);
  }
}

TEST_CASE("algorithms are those of the known keys, and all of them for a new host") {
  TrustWorld world;
  CHECK(world.algorithms() == "ssh-ed25519 ecdsa-sha2-nistp256 rsa-sha2-512 ");
  world.know("[web1]:2222", world.otherBlob);
  CHECK(world.algorithms() == "ecdsa-sha2-nistp256 ");
  world.know("web1", world.blob);
  CHECK(world.algorithms() == "ssh-ed25519 ");
}

}  // namespace
}  // namespace cbs::identity
