#include "agentd/transfer/remote_digest.h"
#include "tests/unit/transfer/digest_world.h"

#include <catch2/generators/catch_generators.hpp>

namespace cbs::transfer {
namespace {

constexpr uint64_t kBlock = 65'536;

struct StreamsWorld : DigestWorld {
  explicit StreamsWorld(std::vector<std::string> lines = {}) : DigestWorld(std::move(lines)) { must(streams.start()); }

  Streams streams{loop, channels, 1};
};

const std::vector<std::string> kSftpOnly{"Match all", "ForceCommand internal-sftp"};

TEST_CASE("digests of files are the same whether their host computes them or they are read back") {
  StreamsWorld world(GENERATE(std::vector<std::string>{}, kSftpOnly));
  const std::string content = patterned(700'000);
  std::vector<std::string> paths;
  for (int i = 0; i < 10; ++i) paths.push_back(world.write("it's " + std::to_string(i), content + std::to_string(i)));
  paths.insert(paths.begin() + 3, world.remote("missing"));
  auto digests = remoteDigests(world.streams, world.host, paths).promise().wait(world.io.waitScope);
  REQUIRE(digests.size() == paths.size());
  REQUIRE(digests[3].error().reason == Reason::NOT_FOUND);
  REQUIRE(digests[3].error().fact("remotePath") == paths[3]);
  digests.erase(digests.begin() + 3);
  for (size_t i = 0; i < digests.size(); ++i) REQUIRE(digests[i] == digestOf(content + std::to_string(i)));
}

TEST_CASE("digests of ranges are the same whether their host computes them or they are read back") {
  StreamsWorld world(GENERATE(std::vector<std::string>{}, kSftpOnly));
  const std::string content = patterned(700'000);
  auto path = world.write("file", content);
  const std::vector<Range> ranges{{0, 4 * kBlock}, {4 * kBlock, 4 * kBlock}, {8 * kBlock, 700'000 - 8 * kBlock}};
  auto digests = world.must(remoteDigests(world.streams, world.host, path, ranges));
  REQUIRE(digests.size() == ranges.size());
  for (size_t i = 0; i < ranges.size(); ++i) REQUIRE(digests[i] == digestOf(part(content, ranges[i])));
  auto missing = world.wait(remoteDigests(world.streams, world.host, world.remote("missing"), ranges));
  REQUIRE(missing.error().reason == Reason::NOT_FOUND);
}

TEST_CASE("a range that a host cannot cut out is read back, with those after it") {
  StreamsWorld world;
  const std::string content = patterned(300'000);
  auto path = world.write("file", content);
  const std::vector<Range> ranges{{0, kBlock}, {7, 200'000}, {kBlock, kBlock}};
  auto digests = world.must(remoteDigests(world.streams, world.host, path, ranges));
  for (size_t i = 0; i < ranges.size(); ++i) REQUIRE(digests.at(i) == digestOf(part(content, ranges[i])));
}

TEST_CASE("more ranges than one script holds take several") {
  StreamsWorld world;
  const std::string content = patterned(100 * kBlock);
  auto path = world.write("file", content);
  std::vector<Range> ranges;
  for (uint64_t i = 0; i < 1500; ++i) ranges.push_back({(i % 100) * kBlock, kBlock});
  auto digests = world.must(remoteDigests(world.streams, world.host, path, ranges));
  REQUIRE(world.channels.commands > 1);
  for (size_t i = 0; i < ranges.size(); ++i) REQUIRE(digests.at(i) == digestOf(part(content, ranges[i])));
}

TEST_CASE("a host that gives no digests is not asked again") {
  StreamsWorld world(kSftpOnly);
  auto path = world.write("file", "text");
  for (int i = 0; i < 3; ++i) {
    REQUIRE(world.must(remoteDigests(world.streams, world.host, path, {{0, 4}})).front() == digestOf("text"));
  }
  REQUIRE(world.channels.commands == 1);
}

TEST_CASE("a host is asked again after a file that it cannot read") {
  StreamsWorld world;
  REQUIRE_FALSE(world.wait(remoteDigests(world.streams, world.host, world.remote("missing"), {{0, 4}})));
  auto path = world.write("file", "text");
  REQUIRE(world.must(remoteDigests(world.streams, world.host, path, {{0, 4}})).front() == digestOf("text"));
  REQUIRE(world.channels.commands == 2);
}

TEST_CASE("files are read back where there is no channel for a command in time") {
  StreamsWorld world;
  world.channels.noCommands = true;
  DigestHost host(world.io.provider->getTimer(), world.channels, kDigestSilence, 1 * kj::MILLISECONDS);
  auto path = world.write("file", "text");
  REQUIRE(world.must(remoteDigests(world.streams, host, path, {{0, 4}})).front() == digestOf("text"));
}

TEST_CASE("digests of nothing ask nobody") {
  StreamsWorld world;
  REQUIRE(world.must(remoteDigests(world.streams, world.host, "/file", {})).empty());
  std::vector<std::string> none;
  REQUIRE(remoteDigests(world.streams, world.host, none).promise().wait(world.io.waitScope).empty());
  REQUIRE(world.channels.commands == 0);
}

}  // namespace
}  // namespace cbs::transfer
