#include "agentd/transfer/sha256.h"
#include "tests/unit/transfer/remote_sink_world.h"

namespace cbs::transfer {
namespace {

constexpr size_t kMiB = 1024 * 1024;

std::string digestOf(std::string_view text) {
  Sha256 hash;
  hash.add(bytesOf(text));
  return hash.digest();
}

struct WriterWorld : SinkWorld {
  explicit WriterWorld(Options wanted = {}) {
    options = std::move(wanted);
    begin(fileEntry("big"), remote(), 2);
  }
  kj::Own<Writer> create(Entry entry) { return must(sink->create(std::move(entry))); }
  void write(Writer& writer, uint64_t offset, std::string_view text) { must(writer.write(offset, bytesOf(text))); }
};

TEST_CASE("a large file on a host is written in any order and appears when it is complete", "[sink]") {
  WriterWorld world;
  world.writeRemote("big", "old", 0640);
  auto writer = world.create(fileEntry("big", 3 * kMiB, 0755));
  REQUIRE(writer->kept() == 0);
  REQUIRE(writer->pieceSize() >= 32 * 1024);
  const std::string a(kMiB, 'a');
  const std::string b(2 * kMiB, 'b');
  auto second = writer->write(kMiB, bytesOf(b));
  auto first = writer->write(0, bytesOf(a));
  world.must(kj::mv(second));
  world.must(kj::mv(first));
  REQUIRE(world.read("big") == "old");
  auto digests = world.must(writer->digests({{kMiB, 2 * kMiB}, {0, kMiB}}));
  REQUIRE(digests == std::vector<std::string>{digestOf(b), digestOf(a)});
  world.must(writer->commit(fileEntry("big", 3 * kMiB, 0755)));
  REQUIRE(world.read("big") == a + b);
  REQUIRE(world.modeOf("big") == 0640);
  REQUIRE(world.names() == std::vector<std::string>{"big"});
  REQUIRE(world.wait(writer->leave()).empty());
  REQUIRE(world.exists("big"));
}

TEST_CASE("a large file on a host gets time and mode", "[sink]") {
  Options preserving;
  preserving.preserve = true;
  preserving.fsync = true;
  WriterWorld world(preserving);
  auto writer = world.create(fileEntry("big", 5, 02444));
  world.write(*writer, 0, "hello, too much");
  world.must(writer->commit(fileEntry("big", 5, 02444)));
  REQUIRE(world.read("big") == "hello");
  REQUIRE(world.modeOf("big") == 02444);
  REQUIRE(world.stats("big").st_mtim.tv_sec == 1'000'000'000);

  world.options.preserve = false;
  auto readOnly = world.create(fileEntry("other", 2, 0466));
  world.write(*readOnly, 0, "hi");
  world.must(readOnly->commit(fileEntry("other", 2, 0466)));
  REQUIRE(world.modeOf("other") == 0444);
}

TEST_CASE("a disk on a host is not called full for a file that was written already", "[sink]") {
  WriterWorld world;
  auto writer = world.create(fileEntry("big", 5));
  world.write(*writer, 0, "hello");
  auto committed = world.wait(writer->commit(fileEntry("big", uint64_t{1} << 62)));
  REQUIRE(committed.error().reason == Reason::REMOTE_IO);
}

TEST_CASE("of a large file that is given up a part stays on the host if it is worth it", "[sink]") {
  WriterWorld world;
  auto writer = world.create(fileEntry("big", 9 * kMiB));
  world.write(*writer, 0, std::string(kMiB, 'x'));
  const std::string part = world.wait(writer->leave());
  REQUIRE(part.substr(0, part.size() - 8) == world.remote(".big.cbs-"));
  REQUIRE(test::readFile(part).size() == kMiB);

  auto small = world.create(fileEntry("small", 9 * kMiB));
  world.write(*small, 0, std::string(kMiB - 1, 'x'));
  REQUIRE(world.wait(small->leave()).empty());
  REQUIRE(world.names().size() == 1);
}

TEST_CASE("a file is gone on with where the largest part on the host ends", "[sink]") {
  Options resuming;
  resuming.resume = true;
  WriterWorld world(resuming);
  world.writeRemote(".big.cbs-aaaaaaaa", "1234");
  world.writeRemote(".big.cbs-bbbbbbbb", "123456");
  world.writeRemote(".big2.cbs-cccccccc", "12345678");
  world.linkRemote(".big.cbs-dddddddd", ".big2.cbs-cccccccc");
  auto writer = world.create(fileEntry("big", 8));
  REQUIRE(writer->kept() == 6);
  auto other = world.create(fileEntry("big", 8));
  REQUIRE(other->kept() == 4);
  auto third = world.create(fileEntry("big", 8));
  REQUIRE(third->kept() == 0);
  REQUIRE(world.wait(third->leave()).empty());
  world.write(*writer, 6, "78");
  world.must(writer->commit(fileEntry("big", 8)));
  REQUIRE(world.read("big") == "12345678");
  REQUIRE_FALSE(world.exists(".big.cbs-bbbbbbbb"));
}

TEST_CASE("a part that somebody else has put on a host is left alone", "[sink]") {
  if (geteuid() != 0) return;
  Options resuming;
  resuming.resume = true;
  WriterWorld world(resuming);
  std::ofstream(world.remote(".big.cbs-aaaaaaaa")) << "1234";
  REQUIRE(chmod(world.remote(".big.cbs-aaaaaaaa").c_str(), 0666) == 0);
  auto writer = world.create(fileEntry("big", 8));
  REQUIRE(writer->kept() == 0);
  world.write(*writer, 0, "12345678");
  world.must(writer->commit(fileEntry("big", 8)));
  REQUIRE(world.names() == std::vector<std::string>{".big.cbs-aaaaaaaa", "big"});
}

TEST_CASE("a part that is longer than the file is cut", "[sink]") {
  Options resuming;
  resuming.resume = true;
  WriterWorld world(resuming);
  world.writeRemote(".big.cbs-aaaaaaaa", "123456789");
  auto writer = world.create(fileEntry("big", 4));
  REQUIRE(writer->kept() == 9);
  world.must(writer->commit(fileEntry("big", 4)));
  REQUIRE(world.read("big") == "1234");
}

TEST_CASE("a large file is not put in the place of a folder on a host", "[sink]") {
  WriterWorld world;
  world.makeRemote("big");
  auto writer = world.create(fileEntry("big", 5));
  world.write(*writer, 0, "hello");
  auto committed = world.wait(writer->commit(fileEntry("big", 5)));
  REQUIRE(committed.error().reason == Reason::ALREADY_EXISTS);
  REQUIRE(world.wait(writer->leave()).empty());
  REQUIRE(world.names() == std::vector<std::string>{"big"});
}

TEST_CASE("digests of files on a host come in their order", "[sink]") {
  WriterWorld world;
  world.writeRemote("a", "1");
  world.writeRemote("b", "2");
  auto digests =
      world.wait(world.sink->digests({fileEntry("b"), fileEntry("../a"), fileEntry("none"), fileEntry("a")}));
  REQUIRE(digests.at(0).value() == digestOf("2"));
  REQUIRE_FALSE(digests.at(1));
  REQUIRE_FALSE(digests.at(2));
  REQUIRE(digests.at(3).value() == digestOf("1"));
}

}  // namespace
}  // namespace cbs::transfer
