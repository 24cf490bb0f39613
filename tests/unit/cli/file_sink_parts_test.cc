#include "tests/unit/cli/sink_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

constexpr size_t kMiB = size_t{1024} * 1024;

TEST_CASE("a part of a mebibyte stays, and a smaller one does not", "[file_sink]") {
  SinkWorld world;
  world.beginTree();
  auto small = world.create(fileEntry("file", 5 * kMiB));
  small.write(std::string(kMiB - 1, 's'));
  CHECK(world.leave(small).empty());
  CHECK(world.names().empty());
  auto large = world.create(fileEntry("file", 5 * kMiB));
  large.write(std::string(kMiB, 'l'));
  std::string part = world.leave(large);
  CHECK(part.substr(0, part.rfind('/')) == world.folder.path());
  CHECK(world.names() == std::vector<std::string>{part.substr(part.rfind('/') + 1)});
  CHECK(readFile(part).size() == kMiB);
  CHECK_THROWS(world.commit(large, fileEntry("file", kMiB)));
}

TEST_CASE("a file whose writing is dropped leaves what leave() would", "[file_sink]") {
  SinkWorld world;
  world.beginTree();
  for (size_t size : {kMiB - 1, kMiB}) {
    auto writing = world.create(fileEntry("file", 5 * kMiB));
    writing.write(std::string(size, 'x'));
  }
  REQUIRE(world.names().size() == 1);
  CHECK(readFile(world.at(world.names()[0])).size() == kMiB);
}

TEST_CASE("the largest part that nobody writes to is gone on with", "[file_sink]") {
  SinkWorld world;
  world.folder.write(".file.cbs-aaaaaaaa", "12");
  world.folder.write(".file.cbs-bbbbbbbb", "1234");
  world.folder.write(".file.cbs-cccccccc", "123456");
  world.folder.write(".file2.cbs-dddddddd", "12345678");
  world.folder.write("secret", "123456789");
  world.link("secret", ".file.cbs-eeeeeeee");
  REQUIRE(mkfifo(world.at(".file.cbs-ffffffff").c_str(), 0600) == 0);
  kj::AutoCloseFd other(open(world.at(".file.cbs-cccccccc").c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(flock(other, LOCK_EX) == 0);
  world.beginTree();
  auto writing = world.create(fileEntry("file", 5), true);
  CHECK(writing.kept == 4);
  writing.write("5", 4);
  CHECK(ok(world.commit(writing, fileEntry("file", 5))));
  CHECK(readFile(world.at("file")) == "12345");
  CHECK_FALSE(world.exists(".file.cbs-bbbbbbbb"));
  auto next = world.create(fileEntry("file", 5), true);
  CHECK(next.kept == 2);
  auto third = world.create(fileEntry("file", 5), true);
  CHECK(ok(third.error));
  CHECK(third.kept == 0);
}

TEST_CASE("a file that is being written is nobody else's to go on with", "[file_sink]") {
  SinkWorld world;
  world.beginTree();
  auto writing = world.create(fileEntry("file", 5));
  writing.write("12345");
  REQUIRE(world.names().size() == 1);
  kj::AutoCloseFd other(open(world.at(world.names()[0]).c_str(), O_RDWR | O_CLOEXEC));
  CHECK(flock(other, LOCK_EX | LOCK_NB) < 0);
  CHECK(world.create(fileEntry("file", 5), true).kept == 0);
}

TEST_CASE("without resume no part is touched", "[file_sink]") {
  SinkWorld world;
  world.folder.write(".file.cbs-bbbbbbbb", "1234");
  world.beginTree();
  CHECK(world.create(fileEntry("file", 5)).kept == 0);
  CHECK(readFile(world.at(".file.cbs-bbbbbbbb")) == "1234");
}

}  // namespace
}  // namespace cbs::cli
