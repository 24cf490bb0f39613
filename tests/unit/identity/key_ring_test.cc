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

struct KeyWorld : World {
  std::shared_ptr<KeyStore> store = std::make_shared<KeyStore>(loop, folder.path("private"));

  KeyRing::Gathered gather(KeySettings settings) {
    KeyRing ring(store, std::move(settings));
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
  CHECK(blobs(world.gather(settings)) == world.blobsOf({first, second, other, fileOnly}));
  settings.identitiesOnly = true;
  CHECK(blobs(world.gather(settings)) == world.blobsOf({first, second, fileOnly}));
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
    KeyRing ring(std::make_shared<KeyStore>(world.loop, privateFolder), {.identityFiles = {key}});
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

TEST_CASE("an encrypted key says what to do, and one in the agent works") {
  KeyWorld world;
  auto file = world.makeKey("id", "ed25519", "secret");
  auto gathered = world.gather({.identityFiles = {file}});
  REQUIRE(gathered.problem);
  CHECK(gathered.keys.empty());
  CHECK(gathered.problem->kind == ErrorKind::AUTH_REFUSED);
  CHECK(gathered.problem->reason == Reason::KEY_UNUSABLE);
  CHECK(gathered.problem->detail ==
        "key file " + file + ": it is encrypted: add it to your ssh-agent with ssh-add " + file);
  CHECK(gathered.problem->fact("file") == file);

  UserAgent agent(world);
  auto open = world.folder.path("open");
  test::runProgram({"cp", file, open});
  test::runProgram({"ssh-keygen", "-q", "-p", "-P", "secret", "-N", "", "-f", open});
  agent.add(open);
  gathered = world.gather({.identityFiles = {file}, .agentSocket = agent.path()});
  CHECK(blobs(gathered) == world.blobsOf({file}));
  CHECK_FALSE(gathered.problem);
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
    rings.push_back(std::make_unique<KeyRing>(world.store, KeySettings{.identityFiles = {file}}));
    gathering.push_back(rings.back()->gather().promise());
  }
  for (auto& gathered : gathering) CHECK(gathered.wait(world.io.waitScope).keys.size() == 1);
}

TEST_CASE("a certificate is not offered, and one that was asked for is told") {
  KeyWorld world;
  auto ca = world.makeKey("ca"), file = world.makeKey("id");
  test::runProgram({"ssh-keygen", "-q", "-s", ca, "-I", "me", "-n", "me", file + ".pub"});
  UserAgent agent(world);
  agent.add(file);
  auto gathered = world.gather({.agentSocket = agent.path(), .certificateFiles = {file + "-cert.pub"}});
  CHECK(blobs(gathered) == world.blobsOf({file}));
  REQUIRE(gathered.problem);
  CHECK(gathered.problem->detail.find("is not supported yet") != std::string::npos);
}

}  // namespace
}  // namespace cbs::identity
