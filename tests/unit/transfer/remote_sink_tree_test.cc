#include "tests/unit/transfer/remote_sink_world.h"

namespace cbs::transfer {
namespace {

struct TreeWorld : SinkWorld {
  explicit TreeWorld(Options wanted = {}) {
    options = std::move(wanted);
    options.recursive = true;
    makeRemote("t");
  }
  RemoteSink& beginTree() { return begin(folderEntry("t")); }
};

TEST_CASE("a tree is made on a host with the times of its folders", "[sink]") {
  TreeWorld world;
  world.begin(folderEntry("new"));
  auto made = world.wait(world.sink->make(
      {folderEntry("new"), folderEntry("new/a", 0555), folderEntry("new/a/b"), linkEntry("new/a/l", "b/f")}));
  for (const auto& result : made) REQUIRE(result);
  world.put(fileEntry("new/a/b/f"), "text");
  world.put(fileEntry("new/a/g"), "text");
  REQUIRE(world.finish().errors.empty());
  REQUIRE(world.read("new/a/b/f") == "text");
  REQUIRE(world.read("new/a/l") == "text");
  REQUIRE(world.modeOf("new") == 0755);
  REQUIRE(world.modeOf("new/a") == 0555);
  for (const char* folder : {"new", "new/a", "new/a/b"}) REQUIRE(world.stats(folder).st_mtim.tv_sec == 900'000'000);
  chmod(world.remote("new/a").c_str(), 0755);
}

TEST_CASE("a folder that is there keeps its mode, but gets the source's when modes are preserved", "[sink]") {
  TreeWorld world;
  world.makeRemote("t/locked", 0500);
  world.beginTree();
  world.look(folderEntry("t"));
  REQUIRE(world.look(folderEntry("t/locked")).value()->mode == 0500);
  world.makeOne(folderEntry("t"));
  world.makeOne(folderEntry("t/locked", 0711));
  world.put(fileEntry("t/locked/a"), "text");
  REQUIRE(world.finish().errors.empty());
  REQUIRE(world.read("t/locked/a") == "text");
  REQUIRE(world.modeOf("t/locked") == 0500);

  world.options.preserve = true;
  world.beginTree();
  world.makeOne(folderEntry("t/locked", 0711));
  REQUIRE(world.finish().errors.empty());
  REQUIRE(world.modeOf("t/locked") == 0711);
}

TEST_CASE("what is in the places of entries on a host is told", "[sink]") {
  TreeWorld world;
  world.makeRemote("t/d", 0700);
  world.writeRemote("t/f", "12345", 0600);
  world.linkRemote("t/l", "f");
  auto& sink = world.beginTree();
  auto standings = world.wait(sink.look({folderEntry("t"), folderEntry("t/d"), fileEntry("t/f"), linkEntry("t/l", "x"),
                                         fileEntry("t/none"), folderEntry("t/new"), fileEntry("t/new/a")}));
  REQUIRE(standings.at(0).value()->kind == Kind::DIRECTORY);
  REQUIRE(standings.at(1).value()->mode == 0700);
  REQUIRE(standings.at(2).value()->size == 5);
  REQUIRE(standings.at(2).value()->mtimeS == world.stats("t/f").st_mtim.tv_sec);
  REQUIRE(standings.at(3).value()->kind == Kind::LINK);
  REQUIRE(standings.at(3).value()->target == "f");
  for (size_t i = 4; i < 7; ++i) REQUIRE_FALSE(standings.at(i).value());
}

TEST_CASE("nothing is in places on a host that only a link leads to, however deep", "[sink]") {
  TreeWorld world;
  world.makeRemote("outside");
  world.makeRemote("outside/sub");
  world.writeRemote("outside/sub/a", "old");
  world.linkRemote("t/d", "../outside");
  auto& sink = world.beginTree();
  auto standings = world.wait(sink.look({folderEntry("t"), folderEntry("t/d")}));
  REQUIRE(standings.at(1).value()->kind == Kind::LINK);
  standings = world.wait(sink.look({folderEntry("t/d/sub"), fileEntry("t/d/sub/a")}));
  for (const auto& standing : standings) {
    REQUIRE(standing.error().reason == Reason::ALREADY_EXISTS);
    REQUIRE(standing.error().fact("remotePath") == world.remote("t/d"));
  }
}

TEST_CASE("many entries of a folder on a host are looked at by listing it", "[sink]") {
  TreeWorld world;
  std::vector<Entry> entries = {folderEntry("t")};
  for (int i = 0; i < 900; ++i) {
    const std::string name = "t/" + std::to_string(i);
    entries.push_back(i == 7 ? linkEntry(name, "there") : fileEntry(name));
    if (i == 7) world.linkRemote(name, "there");
    if (i != 7 && i % 2 == 1) world.writeRemote(name, std::to_string(i));
  }
  auto& sink = world.beginTree();
  auto standings = world.wait(sink.look(entries));
  for (size_t i = 0; i < 900; ++i) {
    CAPTURE(i);
    const auto& standing = standings.at(i + 1);
    REQUIRE(standing.value().has_value() == (i % 2 == 1));
    if (i % 2 == 1 && i != 7) REQUIRE(standing.value()->size == std::to_string(i).size());
  }
  REQUIRE(standings.at(8).value()->target == "there");
}

TEST_CASE("a link in the place of a folder on a host is not followed", "[sink]") {
  TreeWorld world;
  world.makeRemote("outside");
  world.writeRemote("outside/a", "old");
  world.linkRemote("t/d", "../outside");
  auto& sink = world.beginTree();
  auto standings =
      world.wait(sink.look({folderEntry("t"), folderEntry("t/d"), fileEntry("t/d/a"), fileEntry("t/d/b")}));
  REQUIRE(standings.at(1).value()->kind == Kind::LINK);
  REQUIRE(standings.at(2).error().reason == Reason::ALREADY_EXISTS);
  REQUIRE_FALSE(standings.at(3));
  REQUIRE(world.tryMake(folderEntry("t/d")).error().reason == Reason::ALREADY_EXISTS);
  REQUIRE_FALSE(world.tryPut(fileEntry("t/d/a"), "new"));
  REQUIRE_FALSE(world.tryMake(folderEntry("t/d/new")));
  REQUIRE_FALSE(world.tryMake(linkEntry("t/d/new", "x")));
  REQUIRE_FALSE(world.wait(sink.create(fileEntry("t/d/big"))));

  world.beginTree();
  auto made = world.wait(world.sink->make({folderEntry("t/d"), folderEntry("t/d/new")}));
  REQUIRE(made.at(0).error().reason == Reason::ALREADY_EXISTS);
  REQUIRE_FALSE(made.at(1));
  world.beginTree();
  REQUIRE_FALSE(world.tryPut(fileEntry("t/d/a"), "new"));
  REQUIRE(world.names("outside") == std::vector<std::string>{"a"});
  REQUIRE(world.read("outside/a") == "old");
}

TEST_CASE("links of both sorts replace what is there on a host, but no folder", "[sink]") {
  TreeWorld world;
  world.writeRemote("t/f", "text");
  world.writeRemote("t/l", "old");
  world.writeRemote("t/h", "old");
  world.makeRemote("t/d");
  world.beginTree();
  world.makeOne(linkEntry("t/l", "f"));
  REQUIRE(world.read("t/l") == "text");
  world.makeOne(linkEntry("t/l", "elsewhere"));
  REQUIRE(std::filesystem::read_symlink(world.remote("t/l")) == "elsewhere");
  Entry hard = fileEntry("t/h");
  hard.sameAs = "t/f";
  world.makeOne(hard);
  world.makeOne(hard);
  REQUIRE(world.stats("t/h").st_ino == world.stats("t/f").st_ino);
  REQUIRE(world.tryMake(linkEntry("t/d", "x")).error().reason == Reason::ALREADY_EXISTS);
  REQUIRE(world.names("t") == std::vector<std::string>{"d", "f", "h", "l"});
}

}  // namespace
}  // namespace cbs::transfer
