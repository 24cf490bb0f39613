#include "agentd/transfer/read_back.h"
#include "tests/unit/transfer/digest_world.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/generators/catch_generators.hpp>

#include <filesystem>

namespace cbs::transfer {
namespace {

constexpr uint64_t kBlock = 65'536;

// sshd's lines for a login that finds only these programs.
struct FewPrograms {
  explicit FewPrograms(const std::vector<std::string>& names) {
    for (const auto& name : names) std::filesystem::create_symlink("/usr/bin/" + name, folder.path(name));
    ::chmod(folder.path().c_str(), 0755);
  }
  std::vector<std::string> lines() const { return {"SetEnv PATH=" + folder.path()}; }
  test::TempFolder folder;
};

TEST_CASE("a host computes digests of files, whatever they are called") {
  DigestWorld world;
  std::vector<std::string> paths;
  for (const char* name : {"plain", "it's", "a \"b\" $HOME `id` \\n", "new\nline", "\\", "-x", "\xff", "*", " "}) {
    paths.push_back(world.write(name, std::string("content of ") + name));
  }
  auto digests = world.run(digestScript(paths, 0)).value();
  REQUIRE(digests.size() == paths.size());
  for (size_t i = 0; i < paths.size(); ++i) {
    INFO(paths[i]);
    REQUIRE(digests[i] == digestOf("content of " + paths[i].substr(world.remote("").size())));
  }
}

TEST_CASE("a host gives no digest of what is no file or cannot be read, and goes on with the others") {
  DigestWorld world;
  REQUIRE(::mkfifo(world.remote("pipe").c_str(), 0666) == 0);
  world.write("secret", "s");
  REQUIRE(::chmod(world.remote("secret").c_str(), 0) == 0);
  auto file = world.write("file", "f");
  auto digests = world.run(digestScript(
      {world.remote("pipe"), file, world.remote("missing"), world.sshd.remoteFolder(), world.remote("secret"), file},
      0));
  REQUIRE(digests == std::vector<std::string>{"", digestOf("f"), "", "", "", digestOf("f")});
}

const std::vector<Range> kRanges = {
    {0, kBlock},
    {kBlock, 2 * kBlock},
    {3 * kBlock, 100},          // less than a block
    {2 * kBlock, kBlock + 77},  // a block and less than another one
    {0, 5},
    {kBlock, 5},
    {3 * kBlock, 10 * kBlock},    // beyond the end
    {4 * kBlock, kBlock + 1000},  // from within the last block beyond the end
    {100 * kBlock, kBlock},       // all of it beyond
    {100 * kBlock, 7},
    {2 * kBlock, 0},
    {0, UINT64_MAX},
};

TEST_CASE("a host computes digests of ranges, as far as the file goes") {
  DigestWorld world;
  const std::string content = patterned(4 * kBlock + 12'345);
  auto path = world.write("it's\na file", content);
  auto script = digestScript(path, kRanges, 0).value();
  REQUIRE(script.count == kRanges.size());
  auto digests = world.run(script).value();
  for (size_t i = 0; i < kRanges.size(); ++i) {
    INFO(i);
    CHECK(hexOf(digests[i]) == hexOf(digestOf(part(content, kRanges[i]))));
  }
}

TEST_CASE("a host gives no digests of ranges of what is no file or cannot be read") {
  DigestWorld world;
  REQUIRE(::mkfifo(world.remote("pipe").c_str(), 0666) == 0);
  world.write("secret", "s");
  REQUIRE(::chmod(world.remote("secret").c_str(), 0) == 0);
  for (const char* name : {"pipe", "secret", "missing", ""}) {
    INFO(name);
    REQUIRE_FALSE(world.run(digestScript(world.remote(name), {{0, kBlock}}, 0).value()));
  }
}

TEST_CASE("another program takes the place of sha256sum where that is missing") {
  FewPrograms programs({"sh", "dd", GENERATE("shasum", "openssl"), "perl"});
  DigestWorld world(programs.lines());
  const std::string content = patterned(2 * kBlock);
  auto path = world.write("file", content);
  REQUIRE(world.run(digestScript({path, path}, 0)) == std::vector<std::string>(2, digestOf(content)));
  auto half = world.run(digestScript(path, {{kBlock, kBlock}}, 0).value());
  REQUIRE(half == std::vector<std::string>{digestOf(content.substr(kBlock))});
}

TEST_CASE("a host without a program for digests gives none") {
  SECTION("without one for SHA-256") {
    FewPrograms programs({"sh", "dd"});
    DigestWorld world(programs.lines());
    REQUIRE_FALSE(world.run(digestScript({world.write("file", "f")}, 0)));
  }
  SECTION("without dd") {
    FewPrograms programs({"sh", "sha256sum"});
    DigestWorld world(programs.lines());
    auto path = world.write("file", "f");
    REQUIRE_FALSE(world.run(digestScript(path, {{0, kBlock}}, 0).value()));
    REQUIRE(world.run(digestScript({path}, 0)) == std::vector<std::string>{digestOf("f")});
  }
  SECTION("with SFTP only") {
    DigestWorld world({"Match all", "ForceCommand internal-sftp"});
    REQUIRE_FALSE(world.run(digestScript({world.write("file", "f")}, 0)));
  }
}

TEST_CASE("what a login prints before the digests does no harm") {
  DigestWorld world({"Match all", "ForceCommand printf 'Welcome\\n\\nto this'; exec $SSH_ORIGINAL_COMMAND"});
  REQUIRE(world.run(digestScript({world.write("file", "f")}, 0)) == std::vector<std::string>{digestOf("f")});
}

TEST_CASE("a host that says nothing is given up, and its connection serves others") {
  DigestWorld world({"Match all", "ForceCommand cat >/dev/null; exec sleep 1000"});
  REQUIRE_FALSE(world.run(digestScript({"/file"}, 0), 50 * kj::MILLISECONDS));
  REQUIRE(world.channels.command().promise().wait(world.io.waitScope));
}

TEST_CASE("many files and many ranges are asked for by several scripts") {
  std::vector<std::string> paths(5000, "/some/folder/with a name/" + std::string(30, 'x'));
  size_t asked = 0;
  int scripts = 0;
  for (; asked < paths.size(); ++scripts) {
    auto script = digestScript(paths, asked);
    REQUIRE(script.count > 0);
    REQUIRE(script.text.size() <= kLongestScript);
    asked += script.count;
  }
  REQUIRE(asked == paths.size());
  REQUIRE(scripts > 5);

  std::vector<Range> ranges;
  for (uint64_t i = 0; i < 2000; ++i) ranges.push_back({i * 128 * kBlock, 128 * kBlock});
  auto script = digestScript("/file", ranges, 500).value();
  REQUIRE(script.count < 1500);
  REQUIRE(script.longest == 128 * kBlock);
  REQUIRE(script.text.size() < 2 * kLongestScript);
}

TEST_CASE("a name that is longer than a script should be has one of its own") {
  std::vector<std::string> paths(2, "/" + std::string(2 * kLongestScript, 'x'));
  REQUIRE(digestScript(paths, 0).count == 1);
}

TEST_CASE("a range that begins within a block is none for the host") {
  REQUIRE_FALSE(digestScript("/file", {{1, kBlock}}, 0));
  auto first = digestScript("/file", {{0, kBlock}, {1, kBlock}}, 0);
  REQUIRE(first->count == 1);
}

TEST_CASE("the output of digests is read however it is cut, and no more of it than is needed") {
  const std::string hex(64, 'a');
  const std::string text =
      "Welcome\ncbsession-sha256\n" + hex + "  -\n-\n(stdin)= " + hex + "\nSHA2-256(stdin)= " + hex;
  for (size_t piece : {size_t{1}, size_t{7}, text.size() + 1}) {
    DigestOutput output(4);
    std::string whole = text + "\n";
    for (size_t at = 0; at < whole.size(); at += piece) {
      REQUIRE(output.take(whole.substr(at, piece)) == (at + piece < whole.size()));
    }
    REQUIRE_FALSE(output.take("more"));
    const std::string digest(32, '\xaa');
    REQUIRE(output.digests() == std::vector<std::string>{digest, "", digest, digest});
  }
}

TEST_CASE("output that was cut short leaves the rest without a digest") {
  DigestOutput output(3);
  REQUIRE(output.take("cbsession-sha256\n" + std::string(64, 'a') + "  -\n" + std::string(64, 'b')));
  REQUIRE(output.digests() == std::vector<std::string>{std::string(32, '\xaa'), "", ""});
}

TEST_CASE("output that is no digests is not kept") {
  DigestOutput output(1);
  REQUIRE_FALSE(output.take(std::string(100'000, 'x')));
  REQUIRE_FALSE(output.digests());
  DigestOutput longLine(1);
  REQUIRE(longLine.take("cbsession-sha256\n" + std::string(1'000'000, 'a')));
  REQUIRE_FALSE(longLine.take("\n"));
  REQUIRE(longLine.digests() == std::vector<std::string>{""});
}

TEST_CASE("ranges are read back from a host that cannot compute digests") {
  DigestWorld world;
  auto sftp = world.start().value();
  const std::string content = patterned(3'000'000);
  auto path = world.write("file", content);
  std::vector<Range> ranges = kRanges;
  ranges.push_back({1, 2'500'001});
  auto digests = world.must(readBack(*sftp, path, ranges));
  REQUIRE(digests.size() == ranges.size());
  for (size_t i = 0; i < ranges.size(); ++i) {
    INFO(i);
    CHECK(hexOf(digests[i]) == hexOf(digestOf(part(content, ranges[i]))));
  }
}

TEST_CASE("what is no file is not read back") {
  DigestWorld world;
  auto sftp = world.start().value();
  REQUIRE(::mkfifo(world.remote("pipe").c_str(), 0666) == 0);
  world.write("secret", "s");
  REQUIRE(::chmod(world.remote("secret").c_str(), 0) == 0);
  auto reason = [&](const std::string& name) {
    return world.reasonOf(readBack(*sftp, world.remote(name), {{0, UINT64_MAX}}));
  };
  REQUIRE(reason("pipe") == Reason::REMOTE_IO);
  REQUIRE(reason("missing") == Reason::NOT_FOUND);
  REQUIRE(reason("secret") == Reason::PERMISSION_DENIED);
  REQUIRE(reason("") == Reason::REMOTE_IO);
}

TEST_CASE("reading back that is dropped in the middle harms no other request") {
  DigestWorld world;
  auto sftp = world.start().value();
  auto path = world.write("file", patterned(6'000'000));
  {
    auto dropped = readBack(*sftp, path, {{0, UINT64_MAX}});
    for (int i = 0; i < 4; ++i) world.must(sftp->stat(path));  // some of it is under way
    REQUIRE_FALSE(dropped.finished());
  }
  REQUIRE(world.must(sftp->stat(path)).size == 6'000'000);
}

}  // namespace
}  // namespace cbs::transfer
