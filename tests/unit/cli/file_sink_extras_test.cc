#include "tests/unit/cli/sink_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using Names = std::vector<std::string>;

// A tree with some that the source has, some that it does not have, and some that are to be spared.
struct ExtrasWorld : SinkWorld {
  ExtrasWorld() {
    for (const char* name : {"tree", "tree/kept", "tree/extra", "tree/extra/inner", "tree/logs", "outside"}) {
      folder.makeFolder(name);
    }
    for (const char* name : {"tree/file", "tree/old", "tree/kept/old", "tree/extra/inner/old", "tree/a.keep",
                             "tree/logs/b.keep", "tree/.file.cbs-abcdefgh", "outside/file"}) {
      folder.write(name, "x");
    }
    link("../outside", "tree/link");
  }

  void pass(bool dryRun) {
    REQUIRE(begin(at(""), folderEntry("tree"), recursive([=](auto options) {
                    options.setDelete(true);
                    options.setDryRun(dryRun);
                    options.initExclude(1).set(0, bytesOf("*.keep"));
                  })));
    for (const char* path : {"tree", "tree/kept"}) look(folderEntry(path));
    look(fileEntry("tree/file"));
  }

  Names extras{"tree/extra", "tree/extra/inner", "tree/extra/inner/old", "tree/kept/old", "tree/link", "tree/old"};
};

TEST_CASE("what the source does not have is deleted, and nothing else", "[file_sink]") {
  ExtrasWorld world;
  world.pass(false);
  auto finished = world.finish();
  CHECK(finished.deleted == world.extras);
  CHECK(finished.errors.empty());
  CHECK(world.names("tree") == Names{".file.cbs-abcdefgh", "a.keep", "file", "kept", "logs"});
  CHECK(world.names("tree/logs") == Names{"b.keep"});
  CHECK(world.names("tree/kept").empty());
  CHECK(world.names() == Names{"outside", "tree"});
  CHECK(readFile(world.at("outside/file")) == "x");
}

TEST_CASE("a dry run only tells what would be deleted", "[file_sink]") {
  ExtrasWorld world;
  world.pass(true);
  CHECK(world.finish().deleted == world.extras);
  CHECK(world.exists("tree/extra/inner/old"));
  CHECK(world.exists("tree/link"));
}

TEST_CASE("an incomplete listing deletes nothing", "[file_sink]") {
  ExtrasWorld world;
  world.pass(false);
  CHECK(world.finish(false).deleted.empty());
  CHECK(world.exists("tree/old"));
}

TEST_CASE("what was made or put by this transfer is no extra", "[file_sink]") {
  ExtrasWorld world;
  world.pass(false);
  CHECK(ok(world.make(folderEntry("tree/new"))));
  CHECK(ok(world.put(fileEntry("tree/new/file"), "x")));
  CHECK(ok(world.make(linkEntry("tree/new/link", "x"))));
  auto writing = world.create(fileEntry("tree/new/large", 1));
  CHECK(ok(world.commit(writing, fileEntry("tree/new/large", 1))));
  CHECK(world.finish().deleted == world.extras);
  CHECK(world.names("tree/new") == Names{"file", "large", "link"});
}

TEST_CASE("a folder that the source does not have as one is in the way, and keeps what is in it", "[file_sink]") {
  SinkWorld world;
  for (const char* name : {"tree", "tree/name", "tree/link"}) world.folder.makeFolder(name);
  for (const char* name : {"tree/name/precious", "tree/link/precious"}) world.folder.write(name, "x");
  REQUIRE(world.begin(world.at("tree"), folderEntry(""),
                      SinkWorld::recursive([](auto options) { options.setDelete(true); })));
  world.look(folderEntry(""));
  CHECK(world.look(fileEntry("name")).entry->kind == FileKind::DIRECTORY);
  CHECK(world.look(linkEntry("link", "x")).entry->kind == FileKind::DIRECTORY);
  CHECK(world.finish().deleted.empty());
  CHECK(world.exists("tree/name/precious"));
  CHECK(world.exists("tree/link/precious"));
}

TEST_CASE("very many extras are deleted and told in parts", "[file_sink]") {
  constexpr size_t kExtras = 2500;
  for (bool dryRun : {true, false}) {
    SinkWorld world;
    for (const char* name : {"tree", "tree/more"}) world.folder.makeFolder(name);
    for (size_t i = 0; i < kExtras; ++i) world.folder.write("tree/more/" + std::to_string(i), "");
    REQUIRE(world.begin(world.at("tree"), folderEntry(""), SinkWorld::recursive([=](auto options) {
                          options.setDelete(true);
                          options.setDryRun(dryRun);
                        })));
    world.look(folderEntry(""));
    auto part = world.finishSome(true);
    CHECK_FALSE(part.done);
    CHECK(part.deleted.size() <= 1000);
    CHECK(part.deleted.size() + world.finish().deleted.size() == kExtras + 1);
    CHECK(world.exists("tree/more") == dryRun);
  }
}

TEST_CASE("what is stopped in the middle of deleting deletes no more", "[file_sink]") {
  SinkWorld world;
  world.folder.makeFolder("tree");
  for (int i = 0; i < 2500; ++i) world.folder.write("tree/" + std::to_string(i), "");
  REQUIRE(world.begin(world.at("tree"), folderEntry(""),
                      SinkWorld::recursive([](auto options) { options.setDelete(true); })));
  world.look(folderEntry(""));
  auto deleted = world.finishSome(true).deleted.size();
  CHECK(world.finish(false).deleted.empty());
  CHECK(world.names("tree").size() == 2500 - deleted);
}

}  // namespace
}  // namespace cbs::cli
