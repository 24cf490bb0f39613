// Files that move over two streams, each on a connection of its own.
#include "tests/unit/transfer/remote_sink_world.h"
#include "tests/unit/transfer/source_world.h"

#include <fcntl.h>

#include <list>

namespace cbs::transfer {
namespace {

constexpr size_t kPiece = 32 * 1024;
constexpr size_t kPieces = 64;

struct OneAfterTheOther final : Channels {
  OneAfterTheOther(ssh::Connection& first, ssh::Connection& second) : first(first), second(second) {}
  Task<Expected<kj::Own<Held>>> bulk() override { return given++ == 0 ? first.bulk() : second.bulk(); }
  Task<Expected<kj::Own<Held>>> command() override { return first.command(); }
  ConnectionChannels first;
  ConnectionChannels second;
  int given = 0;
};

struct TwoStreamsWorld : ssh::World {
  TwoStreamsWorld() {
    must(streams.start());
    streams.expect(uint64_t{1} << 30);
    for (int i = 0; streams.count() < 2; ++i) {
      REQUIRE(i < 10'000);
      must(streams.first().realPath("."));
    }
  }
  template <typename T>
  T wait(Task<T> task) {
    return kj::mv(task).promise().wait(io.waitScope);
  }
  template <typename T>
  T must(Task<Expected<T>> task) {
    return SinkWorld::valueOf(wait(kj::mv(task)));
  }
  std::string remote(const std::string& name) const { return sshd.remoteFolder() + "/" + name; }
  void write(const std::string& name, const std::string& content, int64_t mtimeS) {
    std::ofstream(remote(name)) << content;
    timespec times[2] = {{mtimeS, 0}, {mtimeS, 0}};
    REQUIRE(utimensat(AT_FDCWD, remote(name).c_str(), times, 0) == 0);
  }

  kj::Own<ssh::Connection> first = dial();
  kj::Own<ssh::Connection> second = dial();
  OneAfterTheOther channels{*first, *second};
  Streams streams{loop, channels, 2};
  Options options = {};
  PartsInUse parts;
};

TEST_CASE("a large file is written to its end on a host when one of the streams breaks") {
  TwoStreamsWorld world;
  RemoteSink sink(world.loop, world.streams, world.channels, world.sshd.remoteFolder(), world.options, world.parts, "");
  world.must(sink.begin({2, fileEntry("big")}));
  auto writer = world.must(sink.create(fileEntry("big", kPieces * kPiece)));
  std::list<Task<Expected<void>>> writes;
  for (size_t i = 0; i < kPieces; ++i)
    writes.push_back(writer->write(i * kPiece, bytesOf(std::string(kPiece, static_cast<char>('0' + i)))));
  world.second->close("it breaks");
  for (auto& write : writes) world.must(kj::mv(write));
  world.must(writer->commit(fileEntry("big", kPieces * kPiece)));
  const std::string content = test::readFile(world.remote("big"));
  REQUIRE(content.size() == kPieces * kPiece);
  for (size_t i = 0; i < content.size(); i += kPiece) REQUIRE(content[i] == static_cast<char>('0' + i / kPiece));
}

TEST_CASE("small files are written on a host when one of the streams breaks") {
  TwoStreamsWorld world;
  RemoteSink sink(world.loop, world.streams, world.channels, world.sshd.remoteFolder(), world.options, world.parts, "");
  world.must(sink.begin({2, fileEntry("a")}));
  std::vector<SmallFile> files;
  for (int i = 0; i < 40; ++i)
    files.push_back({fileEntry("f" + std::to_string(i), kPiece), bytesOf(std::string(kPiece, 'x'))});
  auto put = sink.put(kj::mv(files));
  world.must(world.streams.first().realPath("."));
  world.second->close("it breaks");
  for (const auto& result : world.wait(kj::mv(put))) REQUIRE(result);
  for (int i = 0; i < 40; ++i)
    REQUIRE(test::readFile(world.remote("f" + std::to_string(i))) == std::string(kPiece, 'x'));
}

TEST_CASE("a file of a host that another one takes the place of while it is read is no mix of the two") {
  TwoStreamsWorld world;
  world.write("file", std::string(kPieces * kPiece, 'a'), 1'000'000'000);
  RemoteSource source(world.loop, world.streams, world.channels, {world.remote("file")}, world.options);
  world.must(source.roots());
  auto batch = world.must(source.next());
  auto reader = world.must(source.open(batch.entries.at(0)));
  world.write("other", std::string(kPieces * kPiece, 'b'), 1'000'000'001);
  std::filesystem::rename(world.remote("other"), world.remote("file"));
  std::list<Task<Expected<Bytes>>> reads;
  for (size_t i = 0; i < kPieces; ++i) reads.push_back(reader->read(i * kPiece, kPiece));
  std::string content;
  bool failed = false;
  for (auto& read : reads) {
    auto bytes = world.wait(kj::mv(read));
    if (bytes) content += textOf(*bytes);
    failed = failed || !bytes;
  }
  failed = failed || !world.wait(reader->checkUnchanged());
  const bool mixed = content.find('b') != std::string::npos;
  REQUIRE((failed || !mixed));
  REQUIRE(failed);
}

}  // namespace
}  // namespace cbs::transfer
