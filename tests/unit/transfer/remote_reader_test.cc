#include "agentd/transfer/remote_reader.h"

#include "tests/unit/transfer/source_world.h"

#include <cstring>

namespace cbs::transfer {
namespace {

std::string pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 2654435761u) >> 24);
  return text;
}

struct ReaderWorld : SourceWorld {
  explicit ReaderWorld(const std::string& content) {
    write("file", content);
    must(source.roots());
    file = walk(source).at("file");
  }
  Options options;
  RemoteSource source{loop, streams, channels, {remote("file")}, options};
  Entry file;
};

TEST_CASE("a large file of a host is read in pieces, many at once, and short at its end only") {
  const std::string content = pattern(3'000'000);
  ReaderWorld world(content);
  auto reader = world.must(world.source.open(world.file));
  const size_t piece = reader->pieceSize();
  std::vector<Task<Expected<Bytes>>> reads;
  for (size_t offset = 0; offset < content.size(); offset += piece) reads.push_back(reader->read(offset, piece));
  std::string all;
  for (auto& read : reads) all += textOf(world.must(kj::mv(read)));
  REQUIRE(all == content);
  REQUIRE(textOf(world.must(reader->read(0, content.size() + 5))) == content);
  REQUIRE(textOf(world.must(reader->read(2'999'990, piece))) == content.substr(2'999'990));
  REQUIRE(world.must(reader->read(content.size(), piece)).size() == 0);
  world.must(reader->checkUnchanged());
}

TEST_CASE("a file of a host that grew or was written to while it was read is noticed") {
  ReaderWorld world("content");
  auto reader = world.must(world.source.open(world.file));
  world.must(reader->checkUnchanged());
  SECTION("grown") { std::ofstream(world.remote("file"), std::ios::app) << "more"; }
  SECTION("written to") {
    std::filesystem::last_write_time(world.remote("file"),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  }
  auto checked = world.wait(reader->checkUnchanged());
  REQUIRE_FALSE(checked);
  REQUIRE(checked.error().reason == Reason::REMOTE_IO);
  REQUIRE(checked.error().fact("remotePath") == world.remote("file"));
}

TEST_CASE("a file of a host that is gone, or may not be read, cannot be opened") {
  ReaderWorld world("content");
  SECTION("gone") {
    std::filesystem::remove(world.remote("file"));
    REQUIRE(world.wait(world.source.open(world.file)).error().reason == Reason::NOT_FOUND);
  }
  SECTION("not allowed") {
    REQUIRE(chmod(world.remote("file").c_str(), 0) == 0);
    REQUIRE(world.wait(world.source.open(world.file)).error().reason == Reason::PERMISSION_DENIED);
  }
}

}  // namespace
}  // namespace cbs::transfer
