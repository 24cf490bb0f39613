#include "tests/support/small_disk.h"
#include "tests/unit/transfer/remote_sink_world.h"

namespace cbs::transfer {
namespace {

TEST_CASE("small files appear on a host under their names only", "[sink]") {
  SinkWorld world;
  auto& sink = world.begin(fileEntry("f0"), world.remote(), 64);
  std::vector<SmallFile> files;
  std::vector<std::string> names;
  for (int i = 0; i < 64; ++i) {
    names.push_back("f" + std::to_string(i));
    files.push_back({fileEntry(names.back(), 1000), bytesOf(std::string(i == 0 ? 0 : 1000, static_cast<char>(i)))});
  }
  for (const auto& result : world.wait(sink.put(kj::mv(files)))) REQUIRE(result);
  std::sort(names.begin(), names.end());
  REQUIRE(world.names() == names);
  REQUIRE(world.read("f0").empty());
  REQUIRE(world.read("f63") == std::string(1000, 63));
}

TEST_CASE("a new file on a host has its source's mode less the umask, and all of it when that is preserved", "[sink]") {
  SinkWorld world;
  world.begin(fileEntry("a"), world.remote(), 2);
  world.put(fileEntry("a", 0, 04777), "x");
  REQUIRE(world.modeOf("a") == 0755);
  REQUIRE(world.stats("a").st_mtim.tv_sec != 1'000'000'000);
  world.options.preserve = true;
  world.put(fileEntry("b", 0, 04777), "x");
  REQUIRE(world.modeOf("b") == 04777);
  REQUIRE(world.stats("b").st_mtim.tv_sec == 1'000'000'000);
}

TEST_CASE("a file on a host that is replaced keeps its mode, unless modes are preserved", "[sink]") {
  SinkWorld world;
  world.writeRemote("a", "old", 0604);
  world.writeRemote("b", "old", 0604);
  world.begin(fileEntry("a"), world.remote(), 2);
  REQUIRE(world.look(fileEntry("a")).value()->mode == 0604);
  world.put(fileEntry("a", 0, 0755), "new");
  REQUIRE(world.read("a") == "new");
  REQUIRE(world.modeOf("a") == 0604);
  world.put(fileEntry("b", 0, 0755), "not looked at");
  REQUIRE(world.modeOf("b") == 0604);
  world.options.preserve = true;
  world.put(fileEntry("a", 0, 0755), "new");
  REQUIRE(world.modeOf("a") == 0755);
}

TEST_CASE("a link on a host is replaced by a file, not followed", "[sink]") {
  SinkWorld world;
  world.writeRemote("other", "other");
  world.linkRemote("a", "other");
  world.begin(fileEntry("a"), world.remote(), 2);
  world.put(fileEntry("a"), "new");
  REQUIRE(S_ISREG(world.stats("a").st_mode));
  REQUIRE(world.modeOf("a") == 0644);
  REQUIRE(world.read("other") == "other");
}

TEST_CASE("a file that cannot be put in place leaves nothing on the host", "[sink]") {
  SinkWorld world;
  world.makeRemote("a");
  world.begin(fileEntry("a"), world.remote(), 2);
  auto put = world.tryPut(fileEntry("a"), "text");
  REQUIRE(put.error().reason == Reason::ALREADY_EXISTS);
  REQUIRE(put.error().fact("remotePath") == world.remote("a"));
  REQUIRE(world.names() == std::vector<std::string>{"a"});
}

TEST_CASE("a file for a folder that may not be written to is refused in the file's name", "[sink]") {
  SinkWorld world;
  world.makeRemote("locked");
  if (geteuid() == 0) REQUIRE(chown(world.remote("locked").c_str(), 0, 0) == 0);
  if (geteuid() != 0) return;
  world.begin(fileEntry("a"), world.remote("locked"));
  auto put = world.tryPut(fileEntry("a"), "text");
  REQUIRE(put.error().reason == Reason::PERMISSION_DENIED);
  REQUIRE(put.error().fact("remotePath") == world.remote("locked/a"));
  REQUIRE(put.error().detail.find(".cbs-") == std::string::npos);
}

TEST_CASE("a path that leads out of the tree is refused", "[sink]") {
  SinkWorld world;
  world.makeRemote("d");
  world.begin(folderEntry(""), world.remote("d"));
  for (const char* path : {"../a", "/a", "x/../../a", "", "x//a", "."}) {
    CAPTURE(path);
    REQUIRE_FALSE(world.tryPut(fileEntry(path), "text"));
    if (*path != '\0') REQUIRE_FALSE(world.look(fileEntry(path)));
    REQUIRE_FALSE(world.wait(world.sink->create(fileEntry(path))));
    REQUIRE_FALSE(world.tryMake(linkEntry(path, "x")));
  }
  REQUIRE(world.names() == std::vector<std::string>{"d"});
}

TEST_CASE("a full disk on a host is told as such", "[sink]") {
  SinkWorld world;
  world.makeRemote("disk");
  test::SmallDisk disk(world.remote("disk"), 256 * 1024);
  if (!disk.mounted()) return;
  auto& sink = world.begin(fileEntry("f"), world.remote("disk"), 8);
  std::vector<SmallFile> files;
  for (int i = 0; i < 8; ++i)
    files.push_back({fileEntry("f" + std::to_string(i), kSmallFile), bytesOf(std::string(kSmallFile, 'x'))});
  size_t failed = 0;
  for (const auto& result : world.wait(sink.put(kj::mv(files)))) {
    if (result) continue;
    ++failed;
    REQUIRE(result.error().reason == Reason::NO_SPACE);
  }
  REQUIRE(failed > 0);
  REQUIRE(world.names("disk").size() == 8 - failed);

  auto writer = world.wait(sink.create(fileEntry("big", 1 << 20)));
  if (!writer) {
    REQUIRE(writer.error().reason == Reason::NO_SPACE);
    return;
  }
  Expected<void> written;
  for (int i = 0; i < 8 && written; ++i)
    written = world.wait((*writer)->write(i * kSmallFile, bytesOf(std::string(kSmallFile, 'x'))));
  REQUIRE(written.error().reason == Reason::NO_SPACE);
  REQUIRE(world.wait((*writer)->leave()).empty());
  REQUIRE(world.names("disk").size() == 8 - failed);
}

TEST_CASE("what a dropped call has left on a host goes at the end", "[sink]") {
  SinkWorld world;
  auto& sink = world.begin(fileEntry("f"), world.remote(), 9);
  for (int turns = 0; turns < 60; ++turns) {
    std::vector<SmallFile> files;
    for (int i = 0; i < 8; ++i) files.push_back({fileEntry("f" + std::to_string(i), 5), bytesOf("hello")});
    auto putting = sink.put(kj::mv(files)).promise();
    for (int i = 0; i < turns; ++i) kj::evalLater([]() {}).wait(world.io.waitScope);
    putting.poll(world.io.waitScope);
    putting = nullptr;
  }
  REQUIRE(world.finish(false).errors.empty());
  for (const auto& name : world.names()) REQUIRE(name.front() == 'f');
}

}  // namespace
}  // namespace cbs::transfer
