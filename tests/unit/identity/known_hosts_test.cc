#include "agentd/identity/known_hosts.h"

#include "agentd/identity/public_key.h"
#include "tests/unit/identity/world.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

namespace cbs::identity {
namespace {

struct KnownWorld : World {
  KnownHosts known{loop};
  std::string keyA = *parsePublicKeyFile(test::readFile(makeKey("a") + ".pub"));
  std::string keyB = *parsePublicKeyFile(test::readFile(makeKey("b") + ".pub"));

  std::string line(const std::string& name, const std::string& blob) {
    return name + " " + std::string(keyTypeOf(blob)) + " " + encodeBase64(blob) + "\n";
  }
  Verdict verdict(const std::string& path, const std::string& name, const std::string& blob) {
    return judge({wait(known.find(*wait(known.load({path})), name)), {}}, blob, {}, "").verdict;
  }
};

TEST_CASE("a file is read again when it has changed, appeared or gone") {
  KnownWorld world;
  auto path = world.folder.path("known_hosts");
  CHECK(world.verdict(path, "web1", world.keyA) == Verdict::UNKNOWN);
  world.folder.write("known_hosts", world.line("web1", world.keyA));
  CHECK(world.verdict(path, "web1", world.keyA) == Verdict::TRUSTED);
  world.folder.write("known_hosts", world.line("web1", world.keyB));
  CHECK(world.verdict(path, "web1", world.keyA) == Verdict::CHANGED);
  unlink(path.c_str());
  CHECK(world.verdict(path, "web1", world.keyA) == Verdict::UNKNOWN);
}

TEST_CASE("a large file, half of it hashed, is searched like a small one") {
  KnownWorld world;
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    auto name = "host" + std::to_string(i);
    text += world.line(i % 2 ? name : hashedName(name), world.keyA);
  }
  auto path = world.folder.write("known_hosts", text);
  CHECK(world.verdict(path, "host998", world.keyA) == Verdict::TRUSTED);
  CHECK(world.verdict(path, "host999", world.keyB) == Verdict::CHANGED);
  CHECK(world.verdict(path, "host5000", world.keyA) == Verdict::UNKNOWN);
}

TEST_CASE("a new key is noted down, and the file and its folder made for its owner alone") {
  KnownWorld world;
  auto path = world.folder.path("ssh/known_hosts");
  REQUIRE(world.wait(world.known.append({path, "[web1]:2222", world.keyA})));
  CHECK(test::readFile(path) == world.line("[web1]:2222", world.keyA));
  CHECK(world.verdict(path, "[web1]:2222", world.keyA) == Verdict::TRUSTED);
  struct stat status;
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(stat(world.folder.path("ssh").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("a new key comes on a line of its own, also behind one that was not ended") {
  KnownWorld world;
  auto path = world.folder.write("known_hosts", "web0 unfinished");
  REQUIRE(world.wait(world.known.append({path, "web1", world.keyA, true})));
  CHECK(test::readFile(path).starts_with("web0 unfinished\n|1|"));
  CHECK(world.verdict(path, "web1", world.keyA) == Verdict::TRUSTED);
}

TEST_CASE("many writers at once lose and double nothing") {
  KnownWorld world;
  auto path = world.folder.path("known_hosts");
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 8; ++writer) {
    writers.emplace_back([&]() {
      for (int i = 0; i < 20; ++i) {
        if (!appendKnownHost({path, "web" + std::to_string(i), world.keyA})) abort();
      }
    });
  }
  for (auto& writer : writers) writer.join();
  auto text = test::readFile(path);
  CHECK(std::count(text.begin(), text.end(), '\n') == 20);
  for (int i = 0; i < 20; ++i) CHECK(world.verdict(path, "web" + std::to_string(i), world.keyA) == Verdict::TRUSTED);
}

TEST_CASE("a host that another writer noted down meanwhile is left as it is") {
  KnownWorld world;
  auto path = world.folder.write("known_hosts", world.line("web1", world.keyB));
  REQUIRE(world.wait(world.known.append({path, "web1", world.keyA})));
  CHECK(test::readFile(path) == world.line("web1", world.keyB));
}

TEST_CASE("an authority for the host, or a key of it that is revoked, does not keep a new key out") {
  KnownWorld world;
  auto text = world.line("@cert-authority *", world.keyB) + world.line("@revoked web1", world.keyB);
  auto path = world.folder.write("known_hosts", text);
  REQUIRE(world.wait(world.known.append({path, "web1", world.keyA})));
  CHECK(test::readFile(path) == text + world.line("web1", world.keyA));
}

TEST_CASE("a file that is replaced again and again is always read whole") {
  KnownWorld world;
  auto path = world.folder.path("known_hosts");
  std::string filler;
  for (int i = 0; i < 2000; ++i) filler += world.line("host" + std::to_string(i), world.keyA);
  auto replace = [&](const std::string& key) {
    world.folder.write("new", filler + world.line("web1", key));
    rename(world.folder.path("new").c_str(), path.c_str());
  };
  replace(world.keyA);
  std::atomic<bool> stop = false;
  std::thread writer([&]() {
    for (int round = 0; !stop; ++round) replace(round % 2 ? world.keyA : world.keyB);
  });
  std::vector<size_t> counts;
  for (int i = 0; i < 50; ++i) {
    auto lines = world.wait(world.known.find(*world.wait(world.known.load({path})), "web1"));
    counts.push_back(lines.size());
  }
  stop = true;
  writer.join();
  CHECK(counts == std::vector<size_t>(50, 1));
}

TEST_CASE("a folder in place of the file is no file, and cannot be added to") {
  KnownWorld world;
  auto path = world.folder.makeFolder("known_hosts");
  CHECK(world.verdict(path, "web1", world.keyA) == Verdict::UNKNOWN);
  CHECK_FALSE(world.wait(world.known.append({path, "web1", world.keyA})));
}

TEST_CASE("a file that cannot be written is named, and the null device takes everything") {
  KnownWorld world;
  auto failed = world.wait(world.known.append({world.folder.path("no/such/known_hosts"), "web1", world.keyA}));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().detail.find("no/such/known_hosts: No such file or directory") != std::string::npos);
  CHECK(world.wait(world.known.append({"/dev/null", "web1", world.keyA})));
}

}  // namespace
}  // namespace cbs::identity
