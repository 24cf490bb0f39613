#include "agentd/identity/agent_client.h"

#include "agentd/core/wire.h"
#include "agentd/identity/public_key.h"
#include "tests/unit/identity/fake_agent.h"

#include <openssl/evp.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::identity {
namespace {

std::string message(const std::string& body) { return core::WireWriter().string(body).bytes(); }

std::string listingFault(const std::string& answer, FakeAgent::Then then = FakeAgent::Then::CLOSES) {
  World world;
  FakeAgent agent(world, answer, then);
  AgentClient client(world.loop, agent.path());
  auto listed = world.wait(client.list());
  if (listed) return "none";
  CHECK(listed.error().kind == ErrorKind::AUTH_REFUSED);
  CHECK(listed.error().reason == Reason::AGENT_UNAVAILABLE);
  CHECK(listed.error().detail.starts_with("ssh-agent at " + agent.path() + ": "));
  return listed.error().detail.substr(("ssh-agent at " + agent.path() + ": ").size());
}

bool verifiesEd25519(const std::string& blob, const std::string& data, const std::string& signature) {
  core::WireReader reader(blob);
  reader.string();
  auto raw = reader.string();
  auto* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(raw.data()),
                                          raw.size());
  auto* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key);
  int verdict = EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                 reinterpret_cast<const unsigned char*>(data.data()), data.size());
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return verdict == 1;
}

TEST_CASE("a real agent lists its keys and signs with them") {
  World world;
  UserAgent agent(world);
  auto ed25519 = world.makeKey("ed25519"), rsa = world.makeKey("rsa", "rsa"), ecdsa = world.makeKey("ecdsa", "ecdsa");
  for (const auto& key : {ed25519, rsa, ecdsa}) agent.add(key);
  AgentClient client(world.loop, agent.path());

  auto keys = world.wait(client.list());
  REQUIRE(keys);
  REQUIRE(keys->size() == 3);
  CHECK((*keys)[0].comment == "ed25519 comment");
  CHECK((*keys)[0].blob == parsePublicKeyFile(test::readFile(ed25519 + ".pub")));

  auto signature = world.wait(client.sign((*keys)[0].blob, "challenge", "ssh-ed25519"));
  REQUIRE(signature);
  CHECK(verifiesEd25519((*keys)[0].blob, "challenge", *signature));
  auto rsaSignature = world.wait(client.sign((*keys)[1].blob, "challenge", "rsa-sha2-512"));
  REQUIRE(rsaSignature);
  CHECK(rsaSignature->size() == 384);
  CHECK(world.wait(client.sign((*keys)[1].blob, "challenge", "rsa-sha2-256")));
  CHECK(world.wait(client.sign((*keys)[2].blob, "challenge", "ecdsa-sha2-nistp256")));
}

TEST_CASE("an agent that will not sign, or signs otherwise than asked, is refused") {
  World world;
  UserAgent agent(world);
  auto rsa = world.makeKey("rsa", "rsa");
  AgentClient client(world.loop, agent.path());
  auto blob = *parsePublicKeyFile(test::readFile(rsa + ".pub"));
  auto absent = world.wait(client.sign(blob, "challenge", "rsa-sha2-512"));
  REQUIRE_FALSE(absent);
  CHECK(absent.error().detail.find("it would not sign") != std::string::npos);
  agent.add(rsa);
  auto otherwise = world.wait(client.sign(blob, "challenge", "rsa-sha2-999"));
  REQUIRE_FALSE(otherwise);
  CHECK(otherwise.error().detail.find("it signed with ssh-rsa where rsa-sha2-999 was asked for") != std::string::npos);
}

TEST_CASE("many requests at once are all answered") {
  World world;
  UserAgent agent(world);
  agent.add(world.makeKey("key"));
  AgentClient client(world.loop, agent.path());
  std::vector<kj::Promise<Expected<std::vector<AgentKey>>>> listings;
  for (int i = 0; i < 300; ++i) listings.push_back(client.list().promise());
  for (auto& listing : listings) CHECK(listing.wait(world.io.waitScope).value().size() == 1);
}

TEST_CASE("an agent that is not there is named") {
  World world;
  AgentClient client(world.loop, world.folder.path("none.sock"));
  auto listed = world.wait(client.list());
  REQUIRE_FALSE(listed);
  CHECK(listed.error().detail == "ssh-agent at " + world.folder.path("none.sock") + ": No such file or directory");
  AgentClient tooLong(world.loop, "/" + std::string(200, 'x'));
  CHECK_FALSE(world.wait(tooLong.list()));
}

TEST_CASE("an agent that answers nonsense is refused") {
  CHECK(listingFault("") == "it closed the connection");
  CHECK(listingFault("\0\0", FakeAgent::Then::CLOSES) != "none");
  CHECK(listingFault(message("")) == "it answered nonsense");
  CHECK(listingFault(message("\x63")) == "it answered nonsense");
  CHECK(listingFault(message("\x05")) == "it would not list its keys");
  CHECK(listingFault("SSH-2.0-OpenSSH_9.2\r\n") == "it answered nonsense");
  CHECK(listingFault(std::string("\xff\xff\xff\xff", 4) + std::string(1'000'000, 'x')) == "it answered nonsense");
  CHECK(listingFault(std::string("\0\0\1\0", 4) + "\x0c") == "its answer is cut short");
  CHECK(listingFault(message(std::string("\x0c\xff\xff\xff\xff", 5))) == "its list of keys is cut short");
  CHECK(listingFault(message(std::string("\x0c\0\0\0\1\xff\xff\xff\xff", 9))) == "its list of keys is cut short");
}

TEST_CASE("a listing has five seconds, a signature a minute") {
  World world;
  kj::TimerImpl timer(kj::origin<kj::TimePoint>());
  FakeAgent agent(world, "", FakeAgent::Then::STAYS);
  AgentClient client({world.loop.port, timer, world.loop.io}, agent.path());
  auto listed = client.list().promise();
  auto signature = client.sign("key", "data", "ssh-ed25519").promise();
  while (agent.requests() < 2) world.loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(world.io.waitScope);

  timer.advanceTo(kj::origin<kj::TimePoint>() + 5 * kj::SECONDS);
  auto listing = listed.wait(world.io.waitScope);
  REQUIRE_FALSE(listing);
  CHECK(listing.error().detail.ends_with("it did not answer within 5 s"));
  CHECK_FALSE(signature.poll(world.io.waitScope));
  timer.advanceTo(kj::origin<kj::TimePoint>() + 60 * kj::SECONDS);
  CHECK_FALSE(signature.wait(world.io.waitScope));
}

}  // namespace
}  // namespace cbs::identity
