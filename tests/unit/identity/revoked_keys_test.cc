#include "agentd/identity/revoked_keys.h"

#include "agentd/identity/public_key.h"
#include "tests/unit/identity/world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::identity {
namespace {

struct RevokedWorld : World {
  RevokedKeys revoked{loop};
  std::string keyA = *parsePublicKeyFile(test::readFile(makeKey("a") + ".pub"));
  std::string keyB = *parsePublicKeyFile(test::readFile(makeKey("b", "ecdsa") + ".pub"));
  std::string certificate = certify();

  std::string certify() {
    makeKey("authority");
    test::runProgram({"ssh-keygen", "-q", "-s", folder.path("authority"), "-I", "id", "-h", "-z", "7", "-n", "web1",
                      folder.path("a.pub")});
    return *parsePublicKeyFile(test::readFile(folder.path("a-cert.pub")));
  }
  std::string publicLine(const std::string& name) { return test::readFile(folder.path(name + ".pub")); }
  // A key revocation list of what the lines of `specification` name (ssh-keygen(1), KEY REVOCATION LISTS).
  std::string makeKrl(const std::string& specification) {
    auto list = folder.write("specification", specification), krl = folder.path("krl");
    test::runProgram({"ssh-keygen", "-q", "-k", "-s", folder.path("authority.pub"), "-f", krl, list});
    return krl;
  }
  // "yes", "no", or the reason why that cannot be told.
  std::string revokes(const std::string& file, const std::string& blob) {
    auto by = wait(revoked.revokedBy({file}, blob));
    if (!by) return by.error().kind == ErrorKind::HOST_KEY_REFUSED ? by.error().detail : "no refusal";
    return by->empty() ? "no" : "yes";
  }
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("a list of keys revokes them, and certificates by their own key or their authority's") {
  RevokedWorld world;
  auto list = world.folder.write("list", "# those that were stolen\n\n  " + world.publicLine("a"));
  CHECK(world.revokes(list, world.keyA) == "yes");
  CHECK(world.revokes(list, world.keyB) == "no");
  CHECK(world.revokes(list, world.certificate) == "yes");
  world.folder.write("list", world.publicLine("authority"));
  CHECK(world.revokes(list, world.certificate) == "yes");
  CHECK(world.revokes(list, world.keyA) == "no");
  world.folder.write("list", world.publicLine("a-cert"));
  CHECK(world.revokes(list, world.keyA) == "yes");
  world.folder.write("list", "");
  CHECK(world.revokes(list, world.keyA) == "no");
}

TEST_CASE("a key revocation list revokes keys, serial numbers and authorities, as ssh-keygen reads it") {
  RevokedWorld world;
  CHECK(world.revokes(world.makeKrl(world.publicLine("a")), world.keyA) == "yes");
  auto krl = world.makeKrl("serial: 7\n");
  CHECK(world.revokes(krl, world.certificate) == "yes");
  CHECK(world.revokes(krl, world.keyA) == "no");
  krl = world.makeKrl(world.publicLine("authority"));
  CHECK(world.revokes(krl, world.certificate) == "yes");
  CHECK(world.revokes(krl, world.keyB) == "no");
}

TEST_CASE("a file that cannot be read refuses every key") {
  RevokedWorld world;
  auto missing = world.folder.path("missing");
  CHECK(contains(world.revokes(missing, world.keyA), missing));
  CHECK(contains(world.revokes(world.folder.path(), world.keyA), "directory"));
  auto junk = world.folder.write("junk", world.publicLine("b") + "not a key\n");
  CHECK(contains(world.revokes(junk, world.keyA), "no public key"));
  CHECK(world.revokes(junk, world.keyB) == "yes");
  auto broken = world.certificate;
  broken.back() = static_cast<char>(broken.back() ^ 1);
  world.folder.write("junk", std::string(keyTypeOf(broken)) + " " + encodeBase64(broken) + "\n");
  CHECK(contains(world.revokes(junk, world.keyB), "no public key"));
  auto krl = world.folder.write("broken", std::string("SSHKRL\n\0junk", 12));
  CHECK(contains(world.revokes(krl, world.keyA), "KRL"));
  CHECK(contains(world.revokes("relative", world.keyA), "relative"));
}

TEST_CASE("every file counts, and the one that revokes is named") {
  RevokedWorld world;
  auto first = world.folder.write("first", world.publicLine("b"));
  auto second = world.folder.write("second", world.publicLine("a"));
  CHECK(*world.wait(world.revoked.revokedBy({first, second}, world.keyA)) == second);
  CHECK(world.wait(world.revoked.revokedBy({}, world.keyA))->empty());
}

}  // namespace
}  // namespace cbs::identity
