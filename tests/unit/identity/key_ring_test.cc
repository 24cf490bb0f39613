#include "agentd/identity/key_ring.h"

#include "agentd/identity/public_key.h"
#include "common/local_socket.h"
#include "tests/unit/identity/fake_agent.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>

namespace cbs::identity {
namespace {

std::shared_ptr<const KeySettings> shared(KeySettings settings) {
  return std::make_shared<const KeySettings>(std::move(settings));
}

struct KeyWorld : World {
  PrivateAgentSettings privateAgent() const {
    auto askpass = folder.write("askpass", "#!/bin/sh\nIFS= read -r line && echo \"$line\"\n", 0700);
    return {.folder = folder.path("private"), .askpass = askpass};
  }
  std::shared_ptr<KeyStore> store = std::make_shared<KeyStore>(loop, privateAgent());

  KeyRing::Gathered gather(KeySettings settings) {
    KeyRing ring(store, shared(std::move(settings)));
    return wait(ring.gather());
  }
  std::string blobOf(const std::string& file) { return parsePublicKeyFile(test::readFile(file + ".pub")).value(); }
  std::vector<std::string> blobsOf(const std::vector<std::string>& files) {
    std::vector<std::string> blobs;
    for (const auto& file : files) blobs.push_back(blobOf(file));
    return blobs;
  }
};

std::vector<std::string> blobs(const KeyRing::Gathered& gathered) {
  std::vector<std::string> list;
  for (const auto& held : gathered.keys) list.push_back(held.key.blob);
  return list;
}

pid_t listenerOf(const std::string& path) {
  auto socket = connectLocal(path);
  REQUIRE(socket);
  return localPeer(*socket).value().pid;
}

TEST_CASE("a key file without a passphrase signs through the private agent") {
  KeyWorld world;
  auto file = world.makeKey("id");
  auto gathered = world.gather({.identityFiles = {file}});
  REQUIRE(blobs(gathered) == world.blobsOf({file}));
  CHECK_FALSE(gathered.problem);
  CHECK(gathered.keys[0].key.comment == file);
  CHECK(world.wait(gathered.keys[0].holder->sign(world.blobOf(file), "data", "ssh-ed25519")));
  struct stat status;
  REQUIRE(stat(world.folder.path("private").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("keys come in ssh's order: files in the agent, the agent's others, other files") {
  KeyWorld world;
  UserAgent agent(world);
  auto other = world.makeKey("other"), second = world.makeKey("second"), first = world.makeKey("first");
  auto fileOnly = world.makeKey("file-only", "ecdsa");
  for (const auto& key : {other, second, first}) agent.add(key);
  KeySettings settings{.identityFiles = {first, fileOnly, second}, .agentSocket = agent.path()};
  // Those of the agent in the agent's order.
  CHECK(blobs(world.gather(settings)) == world.blobsOf({second, first, other, fileOnly}));
  settings.identitiesOnly = true;
  CHECK(blobs(world.gather(settings)) == world.blobsOf({second, first, fileOnly}));
}

TEST_CASE("each host is offered its own files' keys only") {
  KeyWorld world;
  auto a = world.makeKey("a"), b = world.makeKey("b");
  CHECK(blobs(world.gather({.identityFiles = {a}})) == world.blobsOf({a}));
  CHECK(blobs(world.gather({.identityFiles = {b}})) == world.blobsOf({b}));
}

TEST_CASE("a .pub file alone chooses a key of the agent's") {
  KeyWorld world;
  UserAgent agent(world);
  auto key = world.makeKey("key"), other = world.makeKey("other");
  agent.add(other);
  agent.add(key);
  unlink(key.c_str());
  for (const auto& file : {key, key + ".pub"}) {
    CHECK(blobs(world.gather({.identityFiles = {file}, .identitiesOnly = true, .agentSocket = agent.path()})) ==
          world.blobsOf({key}));
  }
}

TEST_CASE("a key file needs no .pub beside it") {
  KeyWorld world;
  auto file = world.makeKey("id", "rsa");
  auto blob = world.blobOf(file);
  unlink((file + ".pub").c_str());
  CHECK(blobs(world.gather({.identityFiles = {file}})) == std::vector{blob});
}

TEST_CASE("a key file that was replaced is read again") {
  KeyWorld world;
  auto file = world.makeKey("id");
  REQUIRE(blobs(world.gather({.identityFiles = {file}})) == world.blobsOf({file}));
  unlink(file.c_str());
  world.makeKey("id");
  CHECK(blobs(world.gather({.identityFiles = {file}})) == world.blobsOf({file}));
}

TEST_CASE("two that need the private agent at once both wait until it listens") {
  KeyWorld world;
  auto one = world.makeKey("one"), two = world.makeKey("two");
  auto& agent = world.store->privateAgent;
  auto first = agent.ensure(one, world.blobOf(one), nullptr);
  auto second = agent.ensure(two, world.blobOf(two), nullptr);
  CHECK(world.wait(kj::mv(second)));
  CHECK(world.wait(kj::mv(first)));
}

TEST_CASE("a private agent that died is started again") {
  KeyWorld world;
  auto file = world.makeKey("id");
  world.gather({.identityFiles = {file}});
  kill(listenerOf(world.store->privateAgent.client()->path()), SIGKILL);
  auto gone = [&]() { return !world.wait(world.store->privateAgent.client()->list()); };
  while (!gone()) world.loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(world.io.waitScope);
  world.loop.timer.afterDelay(20 * kj::MILLISECONDS).wait(world.io.waitScope);  // its reaping
  auto gathered = world.gather({.identityFiles = {file}});
  CHECK_FALSE(gathered.problem);
  CHECK(blobs(gathered) == world.blobsOf({file}));
}

TEST_CASE("the private agent ends with its daemon, even one that is killed") {
  test::TempFolder folder;
  auto key = folder.path("id"), privateFolder = folder.path("private");
  test::runProgram({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key});
  auto ready = test::makePipe();
  pid_t daemon = fork();
  if (daemon == 0) {
    World world;
    KeyRing ring(std::make_shared<KeyStore>(world.loop, PrivateAgentSettings{.folder = privateFolder}),
                 shared({.identityFiles = {key}}));
    char count = static_cast<char>(world.wait(ring.gather()).keys.size());
    std::ignore = write(ready.write.get(), &count, 1);
    pause();
    _exit(0);
  }
  char count = 0;
  REQUIRE(read(ready.read.get(), &count, 1) == 1);
  CHECK(count == 1);
  REQUIRE(listenerOf(privateFolder + "/private-agent.sock") > 0);
  kill(daemon, SIGKILL);
  waitpid(daemon, nullptr, 0);
  auto deadline = std::chrono::steady_clock::now() + test::kSoon;
  while (connectLocal(privateFolder + "/private-agent.sock") && std::chrono::steady_clock::now() < deadline)
    usleep(1000);
  CHECK_FALSE(connectLocal(privateFolder + "/private-agent.sock"));
}

TEST_CASE("an encrypted key is offered, says what to do when it has to sign, and one in the agent works") {
  KeyWorld world;
  auto file = world.makeKey("id", "ed25519", "secret");
  for (bool hasPublicFile : {true, false}) {
    if (!hasPublicFile) unlink((file + ".pub").c_str());
    auto gathered = world.gather({.identityFiles = {file}});
    REQUIRE(gathered.keys.size() == 1);
    CHECK_FALSE(gathered.problem);
    KeyRing ring(world.store, shared({}));
    auto signature = world.wait(ring.sign(gathered.keys[0], "data", "ssh-ed25519", {}));
    REQUIRE_FALSE(signature);
    CHECK(signature.error().kind == ErrorKind::AUTH_REFUSED);
    CHECK(signature.error().reason == Reason::KEY_UNUSABLE);
    CHECK(signature.error().detail ==
          "key file " + file + ": it is encrypted: add it to your ssh-agent with ssh-add " + file);
    CHECK(signature.error().fact("file") == file);
  }
  UserAgent agent(world);
  auto open = world.folder.path("open");
  test::runProgram({"cp", file, open});
  test::runProgram({"ssh-keygen", "-q", "-p", "-P", "secret", "-N", "", "-f", open});
  agent.add(open);
  auto gathered = world.gather({.identityFiles = {file}, .agentSocket = agent.path()});
  REQUIRE(gathered.keys.size() == 1);
  CHECK(gathered.keys[0].file.empty());
  CHECK(gathered.keys[0].holder->path() == agent.path());
  CHECK_FALSE(gathered.problem);
}

// Answers in turn, and counts how often it was asked.
class FakePrompter final : public schema::Prompter::Server {
 public:
  explicit FakePrompter(std::vector<std::string> answers) : answers_(std::move(answers)) {}
  kj::Promise<void> ask(AskContext context) override {
    subject = context.getParams().getQuestion().getSubject().cStr();
    ++asked;
    auto list = context.getResults().initAnswers(1);
    auto& answer = answers_[std::min(asked, answers_.size()) - 1];
    list.set(0, kj::StringPtr(answer.c_str()).asBytes());
    return kj::READY_NOW;
  }
  size_t asked = 0;
  std::string subject;

 private:
  std::vector<std::string> answers_;
};

TEST_CASE("a passphrase is asked for once, by whichever login is first, and again if it was wrong") {
  KeyWorld world;
  auto file = world.makeKey("id", "ed25519", "secret");
  auto prompter = kj::heap<FakePrompter>(std::vector<std::string>{"wrong", "secret"});
  FakePrompter& person = *prompter;
  Asker asker{std::make_shared<schema::Prompter::Client>(kj::mv(prompter)), false};
  auto gathered = world.gather({.identityFiles = {file}});
  KeyRing ring(world.store, shared({}));
  std::vector<kj::Promise<Expected<std::string>>> signing;
  for (int i = 0; i < 20; ++i) {
    signing.push_back(ring.sign(gathered.keys[0], "data", "ssh-ed25519", asker).promise());
  }
  for (auto& signature : signing) CHECK(signature.wait(world.io.waitScope));
  CHECK(person.asked == 2);
  CHECK(person.subject == file);
  CHECK(world.wait(ring.sign(gathered.keys[0], "data", "ssh-ed25519", {})));  // nobody need be asked any more
}

TEST_CASE("a passphrase that stays wrong is told") {
  KeyWorld world;
  auto file = world.makeKey("id", "ed25519", "secret");
  auto gathered = world.gather({.identityFiles = {file}});
  KeyRing ring(world.store, shared({.prompts = 2}));
  Asker asker{std::make_shared<schema::Prompter::Client>(kj::heap<FakePrompter>(std::vector<std::string>{"wrong"})),
              false};
  auto signature = world.wait(ring.sign(gathered.keys[0], "data", "ssh-ed25519", asker));
  REQUIRE_FALSE(signature);
  CHECK(signature.error().detail == "key file " + file + ": the passphrase was wrong");
}

TEST_CASE("empty, broken and world-readable key files are told, and do not stop the others") {
  KeyWorld world;
  auto good = world.makeKey("good");
  auto open = world.makeKey("open");
  chmod(open.c_str(), 0644);
  auto empty = world.folder.write("empty", ""),
       broken = world.folder.write("broken", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
  auto junk = world.folder.write("junk", std::string("\0\1\2\xff", 4)), isFolder = world.folder.makeFolder("folder");
  auto faultOf = [&](const std::string& file) {
    auto gathered = world.gather({.identityFiles = {file, good}});
    CHECK(blobs(gathered) == world.blobsOf({good}));
    return gathered.problem ? gathered.problem->detail : "none";
  };
  CHECK(faultOf(empty) == "key file " + empty + ": it is empty");
  CHECK(faultOf(broken).starts_with("key file " + broken + ": "));
  CHECK(faultOf(junk).find("Load key") != std::string::npos);
  CHECK(faultOf(isFolder) != "none");
  CHECK(faultOf(open).find("UNPROTECTED PRIVATE KEY FILE") != std::string::npos);
}

TEST_CASE("missing files are told if they were named, and no other key is there") {
  KeyWorld world;
  auto good = world.makeKey("good");
  CHECK_FALSE(world.gather({.identityFiles = {"/no/such/key", good}}).problem);
  auto named = world.gather({.identityFiles = {"/no/such/key"}}).problem;
  REQUIRE(named);
  CHECK(named->detail == "no such key file: /no/such/key");
  auto standard = world.gather({.identityFiles = {"/no/such/key"}, .filesAreDefault = true}).problem;
  REQUIRE(standard);
  CHECK(standard->reason == Reason::NO_KEY);
}

TEST_CASE("an agent that is gone or broken matters only when there is no other key") {
  KeyWorld world;
  auto good = world.makeKey("good");
  FakeAgent broken(world, "nonsense", FakeAgent::Then::CLOSES);
  for (const auto& socket : {broken.path(), world.folder.path("gone.sock")}) {
    auto gathered = world.gather({.identityFiles = {good}, .agentSocket = socket});
    CHECK(blobs(gathered) == world.blobsOf({good}));
    CHECK_FALSE(gathered.problem);
    auto none = world.gather({.identityFiles = {"/no/such/key"}, .filesAreDefault = true, .agentSocket = socket});
    REQUIRE(none.problem);
    CHECK(none.problem->reason == Reason::AGENT_UNAVAILABLE);
  }
}

TEST_CASE("a hundred logins at once add a key once") {
  KeyWorld world;
  auto file = world.makeKey("id");
  std::vector<std::unique_ptr<KeyRing>> rings;
  std::vector<kj::Promise<KeyRing::Gathered>> gathering;
  for (int i = 0; i < 100; ++i) {
    rings.push_back(std::make_unique<KeyRing>(world.store, shared({.identityFiles = {file}})));
    gathering.push_back(rings.back()->gather().promise());
  }
  for (auto& gathered : gathering) CHECK(gathered.wait(world.io.waitScope).keys.size() == 1);
}

TEST_CASE("a certificate is offered after its key, before all if it was asked for, and its plain key signs") {
  KeyWorld world;
  auto ca = world.makeKey("ca"), file = world.makeKey("id"), other = world.makeKey("other");
  test::runProgram({"ssh-keygen", "-q", "-s", ca, "-I", "me", "-n", "me", file + ".pub"});
  auto certificate = parsePublicKeyFile(test::readFile(file + "-cert.pub")).value();
  auto beside = world.gather({.identityFiles = {other, file}});
  CHECK(blobs(beside) == std::vector{world.blobOf(other), world.blobOf(file), certificate});
  CHECK_FALSE(beside.problem);

  auto moved = world.folder.path("elsewhere");
  test::runProgram({"mv", file + "-cert.pub", moved});
  KeySettings settings{.identityFiles = {other, file}, .certificateFiles = {moved}};
  auto named = world.gather(settings);
  CHECK(blobs(named) == std::vector{certificate, world.blobOf(other), world.blobOf(file)});
  KeyRing ring(world.store, shared(settings));
  for (const auto& key : named.keys) {
    CHECK(world.wait(ring.sign(key, "data", std::string(keyTypeOf(key.key.blob)), {})));
  }
  settings.identityFiles = {other};
  auto orphan = world.gather(settings);
  CHECK(blobs(orphan) == world.blobsOf({other}));
  REQUIRE(orphan.problem);
  CHECK(orphan.problem->detail == "certificate " + moved + ": the key that it is about is not there");
}

TEST_CASE("a certificate in the agent signs by itself") {
  KeyWorld world;
  UserAgent agent(world);
  auto ca = world.makeKey("ca"), file = world.makeKey("id", "rsa");
  test::runProgram({"ssh-keygen", "-q", "-s", ca, "-I", "me", "-n", "me", file + ".pub"});
  agent.add(file);  // and the certificate beside it
  auto gathered = world.gather({.agentSocket = agent.path()});
  REQUIRE(gathered.keys.size() == 2);
  KeyRing ring(world.store, shared({}));
  CHECK(world.wait(ring.sign(gathered.keys[0], "data", "rsa-sha2-512", {})));
  CHECK(world.wait(ring.sign(gathered.keys[1], "data", "rsa-sha2-512-cert-v01@openssh.com", {})));
}

TEST_CASE("keys of algorithms that are not accepted are not offered") {
  KeyWorld world;
  auto ed25519 = world.makeKey("a"), rsa = world.makeKey("b", "rsa");
  KeySettings settings{.identityFiles = {ed25519, rsa}, .acceptedAlgorithms = "rsa-sha2-256,ecdsa-sha2-nistp256"};
  CHECK(blobs(world.gather(settings)) == world.blobsOf({rsa}));
}

}  // namespace
}  // namespace cbs::identity
