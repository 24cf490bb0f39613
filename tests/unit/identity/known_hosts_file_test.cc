#include "agentd/identity/known_hosts_file.h"

#include "agentd/core/wire.h"
#include "agentd/identity/public_key.h"
#include "agentd/identity/verdict.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <random>
#include <thread>

namespace cbs::identity {
namespace {

std::string keyOf(const std::string& type, char fill) {
  return core::WireWriter().string(type).string(std::string(32, fill)).bytes();
}
std::string written(const std::string& blob) { return std::string(keyTypeOf(blob)) + " " + encodeBase64(blob); }

const std::string kA = keyOf("ssh-ed25519", 'a');
const std::string kB = keyOf("ssh-ed25519", 'b');
const std::string kRsa = keyOf("ssh-rsa", 'r');

std::vector<NamedKnownHosts> files(const std::string& text, const std::string& second = "") {
  return {{"first", std::make_shared<KnownHostsFile>(KnownHostsFile::parse(text))},
          {"second", std::make_shared<KnownHostsFile>(KnownHostsFile::parse(second))}};
}
Judgement judge(const std::vector<NamedKnownHosts>& files, const std::string& host, const std::string& blob) {
  return identity::judge({linesOf(files, host), {}}, blob, {}, "");
}
Verdict verdict(const std::string& text, const std::string& host, const std::string& blob) {
  return judge(files(text), host, blob).verdict;
}

TEST_CASE("a host is trusted by its name, its port and its key") {
  auto text = "web1,10.0.0.1 " + written(kA) + " comment\n[web1]:2222 " + written(kB) + "\n";
  CHECK(verdict(text, "web1", kA) == Verdict::TRUSTED);
  CHECK(verdict(text, "10.0.0.1", kA) == Verdict::TRUSTED);
  CHECK(verdict(text, "[web1]:2222", kB) == Verdict::TRUSTED);
  CHECK(verdict(text, "web1", kB) == Verdict::CHANGED);
  CHECK(verdict(text, "[web1]:2222", kA) == Verdict::CHANGED);
  CHECK(verdict(text, "[web1]:2223", kA) == Verdict::UNKNOWN);
  CHECK(verdict(text, "web", kA) == Verdict::UNKNOWN);
}

TEST_CASE("names are known whatever their case") {
  CHECK(verdict("WEB1.Example.org " + written(kA), knownHostsName("web1.EXAMPLE.org", 22), kA) == Verdict::TRUSTED);
  CHECK(knownHostsName("Web1", 22) == "web1");
  CHECK(knownHostsName("::1", 2222) == "[::1]:2222");
}

TEST_CASE("one of several keys is enough") {
  CHECK(verdict("web1 " + written(kB) + "\nweb1 " + written(kA), "web1", kA) == Verdict::TRUSTED);
}

TEST_CASE("a key in the second file is trusted, too") {
  CHECK(judge(files("web1 " + written(kB), "web1 " + written(kA)), "web1", kA).verdict == Verdict::TRUSTED);
}

TEST_CASE("a changed key names the line that was expected, best one of the same type") {
  auto judgement = judge(files("# c\nweb1 " + written(kRsa) + "\n\nweb1 " + written(kA)), "web1", kB);
  CHECK(judgement.verdict == Verdict::CHANGED);
  CHECK(judgement.expectedBlob == kA);
  CHECK(judgement.file == "first");
  CHECK(judgement.line == 4);
  CHECK(judge(files("web1 " + written(kRsa)), "web1", kA).verdict == Verdict::CHANGED);
}

TEST_CASE("a revoked key is revoked wherever it stands") {
  auto text = "web1 " + written(kA) + "\n@revoked * " + written(kA) + "\n";
  CHECK(verdict(text, "web1", kA) == Verdict::REVOKED);
  CHECK(verdict(text, "web2", kA) == Verdict::REVOKED);
  CHECK(verdict(text, "web2", kB) == Verdict::UNKNOWN);
  CHECK(judge(files("web1 " + written(kA), "@revoked web1 " + written(kA)), "web1", kA).file == "second");
}

TEST_CASE("an authority's key does not stand for a host") {
  CHECK(verdict("@cert-authority * " + written(kA), "web1", kA) == Verdict::UNKNOWN);
  CHECK(verdict("@something-new web1 " + written(kA), "web1", kA) == Verdict::UNKNOWN);
}

TEST_CASE("wildcards name many hosts, and a negation rules one out") {
  auto text = "*.example.org,!bad.example.org,web? " + written(kA);
  CHECK(verdict(text, "good.example.org", kA) == Verdict::TRUSTED);
  CHECK(verdict(text, "web1", kA) == Verdict::TRUSTED);
  CHECK(verdict(text, "bad.example.org", kA) == Verdict::UNKNOWN);
  CHECK(verdict("!web1,web1 " + written(kA), "web1", kA) == Verdict::UNKNOWN);
}

TEST_CASE("hashed names are found") {
  auto text = hashedName("[web1]:2222") + " " + written(kA) + "\n" + hashedName("web2") + " " + written(kB);
  CHECK(verdict(text, "[web1]:2222", kA) == Verdict::TRUSTED);
  CHECK(verdict(text, "web2", kB) == Verdict::TRUSTED);
  CHECK(verdict(text, "web1", kA) == Verdict::UNKNOWN);
}

TEST_CASE("broken lines are skipped") {
  auto good = "web1 " + written(kA) + "\n";
  auto binary = std::string("\0\xff\x80web1\n\0\n", 9) + "\x01 \x02 \x03\n";
  for (const auto& junk :
       {std::string("web1\n"), std::string("web1 ssh-ed25519\n"), std::string("web1 ssh-ed25519 ====\n"),
        "web1 ssh-rsa " + encodeBase64(kB) + "\n", std::string("web1 ssh-ed25519 AAAA\n"), binary,
        std::string("|1|x|y ssh-ed25519 z\n"), std::string("|1|| ") + written(kB) + "\n", std::string("@revoked\n"),
        std::string("web1 1024 35 1234567890\n"), std::string(100'000, 'x') + " " + written(kB) + "\n",
        std::string("\r\n")}) {
    INFO(junk.substr(0, 100));
    CHECK(verdict(junk + good, "web1", kA) == Verdict::TRUSTED);
    CHECK(judge(files(junk + good), "web1", kB).line == judge(files(junk + good), "web1", kA).line);
  }
}

TEST_CASE("random bytes never hurt") {
  std::mt19937 random(20240607);
  for (int round = 0; round < 300; ++round) {
    std::string text =
        "web1 " + written(kA) + "\n@revoked |1|" + encodeBase64(kB) + "|" + encodeBase64(kA) + " " + written(kB);
    for (int change = 0; change < 20; ++change) text[random() % text.size()] = static_cast<char>(random());
    auto judgement = judge(files(text), "web1", kA);
    CHECK(judgement.verdict != Verdict::UNUSABLE);
  }
}

std::string offer(const std::string& text, const std::string& allowed, bool certificates = false) {
  auto offered = offerFor({linesOf(files(text), "[web1]:22"), linesOf(files(text), "web1")}, allowed, certificates);
  std::string list;
  for (size_t i = 0; i < offered.algorithms.size(); ++i) {
    list += (i == offered.known ? "| " : "") + offered.algorithms[i] + " ";
  }
  return list;
}

TEST_CASE("algorithms of known types come first, RSA with SHA-2, and the others follow") {
  auto all = "ssh-ed25519-cert-v01@openssh.com,ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256,ssh-rsa";
  CHECK(offer("", all) == "| ssh-ed25519 ecdsa-sha2-nistp256 rsa-sha2-512 rsa-sha2-256 ");
  CHECK(offer("web1 " + written(kRsa), all) == "rsa-sha2-512 rsa-sha2-256 | ssh-ed25519 ecdsa-sha2-nistp256 ");
  CHECK(offer("web1 " + written(kRsa) + "\nweb1 " + written(kA), "rsa-sha2-256,ssh-ed25519") ==
        "rsa-sha2-256 ssh-ed25519 ");
  CHECK(offer("[web1]:22 " + written(kRsa) + "\nweb1 " + written(kA), "ssh-ed25519,rsa-sha2-256") ==
        "rsa-sha2-256 | ssh-ed25519 ");
  CHECK(offer("", "ssh-dss").empty());
}

TEST_CASE("certificates are asked for where an authority is known, or one could be revoked") {
  auto allowed = "ecdsa-sha2-nistp256,ssh-ed25519-cert-v01@openssh.com,ssh-ed25519";
  CHECK(offer("@cert-authority web1 " + written(kRsa), allowed) ==
        "ssh-ed25519-cert-v01@openssh.com | ecdsa-sha2-nistp256 ssh-ed25519 ");
  CHECK(offer("web1 " + written(kA) + "\n@revoked web1 " + written(kRsa), allowed) ==
        "ssh-ed25519-cert-v01@openssh.com ssh-ed25519 | ecdsa-sha2-nistp256 ");
  CHECK(offer("web1 " + written(kA), allowed, true) ==
        "ssh-ed25519-cert-v01@openssh.com ssh-ed25519 | ecdsa-sha2-nistp256 ");
  CHECK(offer("web1 " + written(kA), allowed) == "ssh-ed25519 | ecdsa-sha2-nistp256 ");
}

TEST_CASE("fingerprints and base64 are OpenSSH's") {
  test::TempFolder folder;
  auto path = folder.path("key");
  test::runProgram({"ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", path});
  auto blob = parsePublicKeyFile(test::readFile(path + ".pub"));
  REQUIRE(blob);
  CHECK(keyTypeOf(*blob) == "ecdsa-sha2-nistp256");
  CHECK(test::runProgram({"ssh-keygen", "-l", "-f", path}).find(" " + fingerprintOf(*blob) + " ") != std::string::npos);
  auto rsa = folder.path("rsa");
  test::runProgram({"ssh-keygen", "-q", "-t", "rsa", "-b", "2050", "-N", "", "-f", rsa});
  CHECK(rsaBitsOf(*parsePublicKeyFile(test::readFile(rsa + ".pub"))) == 2050);
  CHECK_FALSE(rsaBitsOf(*blob));
  CHECK_FALSE(rsaBitsOf("junk"));
  for (size_t size : {0, 1, 2, 3, 4, 50}) {
    std::string bytes(size, '\xfe');
    CHECK(decodeBase64(encodeBase64(bytes)).value_or("") == bytes);
  }
  for (auto* text : {"", "a", "ab=", "====", "a===", "!!!!"}) CHECK_FALSE(decodeBase64(text));
}

TEST_CASE("a name of any length is hashed as OpenSSL's HMAC does") {
  auto hash = [](std::string key, const std::string& text) { return bytesOf(NameHasher(text).hash(NameHashKey(key))); };
  for (size_t size : {0, 54, 55, 56, 63, 64, 119, 120, 1000}) {
    unsigned char theirs[20];
    std::string text(size, 't');
    HMAC(EVP_sha1(), "salt", 4, reinterpret_cast<const unsigned char*>(text.data()), size, theirs, nullptr);
    CHECK(hash("salt", text) == std::string(reinterpret_cast<char*>(theirs), sizeof(theirs)));
    CHECK(bytesOf(hashOf(hash("salt", text))) == hash("salt", text));
  }
}

TEST_CASE("an answer is remembered, and is the same again, whoever asks") {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += hashedName("web" + std::to_string(i)) + " " + written(i % 2 ? kA : kB) + "\n";
  auto file = KnownHostsFile::parse(text);
  CHECK(file.linesToHash("web7") == 3000);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&]() {
      for (int i = 0; i < 100; ++i) {
        auto found = file.find("web" + std::to_string(i));
        if (found.size() != 1 || found[0]->line != static_cast<uint32_t>(i + 1)) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(file.linesToHash("web7") == 0);
  CHECK(file.linesToHash("web200") == 3000);
}

TEST_CASE("a line of a megabyte counts, and one of junk does not harm its neighbours") {
  std::string names;
  while (names.size() < (1 << 20)) names += "host" + std::to_string(names.size()) + ",";
  auto text = std::string(1 << 20, '\xfe') + "\n" + names + "web1 " + written(kA) + "\nweb2 " + written(kB) + "\n" +
              std::string(1 << 20, ' ') + "x";
  CHECK(verdict(text, "web1", kA) == Verdict::TRUSTED);
  CHECK(verdict(text, "host0", kA) == Verdict::TRUSTED);
  CHECK(verdict(text, "web2", kB) == Verdict::TRUSTED);
}

TEST_CASE("verdicts agree with ssh-keygen's, plain and hashed") {
  test::TempFolder folder;
  auto text = "web1,10.0.0.1 " + written(kA) + "\n[web1]:2222 " + written(kB) + "\n*.example.org,!x.example.org " +
              written(kA) + "\n@revoked web9 " + written(kB) + "\n";
  auto path = folder.write("known_hosts", text);
  auto hashedPath = folder.write("hashed", "web1 " + written(kA) + "\n[web1]:2222 " + written(kB) + "\n");
  test::runProgram({"sh", "-c", "ssh-keygen -q -H -f \"$0\" 2>/dev/null", hashedPath});
  REQUIRE(test::readFile(hashedPath).find("web1") == std::string::npos);

  for (const auto& file : {path, hashedPath}) {
    auto ours = *KnownHostsFile::read(file);
    for (auto* host : {"web1", "10.0.0.1", "[web1]:2222", "web2", "a.example.org", "x.example.org", "web9"}) {
      INFO(file << " " << host);
      auto theirs = test::runProgram({"sh", "-c", "ssh-keygen -F \"$0\" -f \"$1\" || true", host, file});
      CHECK(ours.find(host).empty() == theirs.empty());
      for (const auto* key : ours.find(host)) {
        CHECK(theirs.find("found: line " + std::to_string(key->line)) != std::string::npos);
        CHECK(theirs.find(encodeBase64(key->blob)) != std::string::npos);
      }
    }
  }
}

TEST_CASE("a file that is missing, or is none, is empty") {
  CHECK(KnownHostsFile::read("/no/such/file")->find("web1").empty());
  CHECK(KnownHostsFile::read("/")->find("web1").empty());
  CHECK(KnownHostsFile::read("/dev/zero")->find("web1").empty());
}

}  // namespace
}  // namespace cbs::identity
