#include "tests/unit/cli/sink_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

TEST_CASE("a file goes into a folder, or gets a new name", "[file_sink]") {
  SinkWorld world;
  world.folder.makeFolder("folder");
  CHECK(world.begin(world.at("folder"), fileEntry("file")) == world.at("folder/file"));
  CHECK(ok(world.put(fileEntry("file"), "1")));
  CHECK(readFile(world.at("folder/file")) == "1");
  CHECK(world.begin(world.at("other"), fileEntry("file")) == world.at("other"));
  CHECK(ok(world.put(fileEntry("file"), "2")));
  CHECK(readFile(world.at("other")) == "2");
  CHECK(world.names() == std::vector<std::string>{"folder", "other"});
}

TEST_CASE("a tree goes into a folder, or gets a new name", "[file_sink]") {
  SinkWorld world;
  world.folder.makeFolder("folder");
  for (auto [destination, place] : {std::pair("folder", "folder/tree"), {"new", "new"}, {"slash/", "slash/tree"}}) {
    CHECK(world.begin(world.at("") + "/" + destination, folderEntry("tree")) == world.at(place));
    CHECK(ok(world.make(folderEntry("tree"))));
    CHECK(ok(world.make(folderEntry("tree/inner"))));
    CHECK(ok(world.put(fileEntry("tree/inner/file"), "x")));
    CHECK(readFile(world.at(std::string(place) + "/inner/file")) == "x");
  }
}

TEST_CASE("contents go to a folder that is made if it is missing", "[file_sink]") {
  SinkWorld world;
  Umask mask(022);
  CHECK(world.begin(world.at("new"), folderEntry("", 0500)) == world.at("new"));
  CHECK(ok(world.make(folderEntry("", 0500))));
  CHECK(ok(world.put(fileEntry("file"), "x")));
  CHECK(readFile(world.at("new/file")) == "x");
  CHECK(world.finish().errors.empty());
  CHECK(world.mode("new") == 0500);
  chmod(world.at("new").c_str(), 0700);
  CHECK(world.begin(world.at("new"), folderEntry("")) == world.at("new"));
  CHECK(world.begin(world.at("no/new"), folderEntry("")).error().reason == Reason::NOT_FOUND);
}

TEST_CASE("several go to a folder that is made if it is missing", "[file_sink]") {
  SinkWorld world;
  CHECK(world.begin(world.at("new"), fileEntry("a"), {}, 2) == world.at("new"));
  CHECK(ok(world.put(fileEntry("a"), "x")));
  CHECK(readFile(world.at("new/a")) == "x");
  world.folder.write("file", "");
  auto place = world.begin(world.at("file"), fileEntry("a"), {}, 2);
  CHECK(place.error().reason == Reason::ALREADY_EXISTS);
  CHECK(place.error().fact("localPath") == world.at("file"));
}

TEST_CASE("a destination that does not fit is refused, and nothing is made", "[file_sink]") {
  SinkWorld world;
  world.folder.write("file", "");
  REQUIRE(mkfifo(world.at("fifo").c_str(), 0600) == 0);
  world.link("nowhere", "dangling");
  auto reason = [&](const char* name, const LocalEntry& entry) {
    auto place = world.begin(world.at("") + "/" + name, entry);
    return place ? Reason::UNSPECIFIED : place.error().reason;
  };
  CHECK(reason("file", folderEntry("tree")) == Reason::ALREADY_EXISTS);
  CHECK(reason("file", folderEntry("")) == Reason::ALREADY_EXISTS);
  CHECK(reason("file/", fileEntry("a")) == Reason::ALREADY_EXISTS);
  CHECK(reason("fifo", fileEntry("a")) == Reason::ALREADY_EXISTS);
  CHECK(reason("file/a", fileEntry("a")) == Reason::ALREADY_EXISTS);
  CHECK(reason("missing/", fileEntry("a")) == Reason::NOT_FOUND);
  CHECK(reason("missing/a", fileEntry("a")) == Reason::NOT_FOUND);
  CHECK(reason("dangling", fileEntry("a")) == Reason::NOT_FOUND);
  CHECK(reason("", fileEntry("../a")) == Reason::LOCAL_IO);
  CHECK(world.names() == std::vector<std::string>{"dangling", "fifo", "file"});
}

TEST_CASE("a link at the destination is followed and stays", "[file_sink]") {
  SinkWorld world;
  world.folder.makeFolder("real");
  world.folder.write("real/file", "old");
  world.link("real/file", "file");
  world.link("real", "folder");
  CHECK(world.begin(world.at("file"), fileEntry("a")) == world.at("real/file"));
  CHECK(ok(world.put(fileEntry("a"), "new")));
  CHECK(readFile(world.at("real/file")) == "new");
  CHECK(S_ISLNK(world.info("file").st_mode));
  CHECK(world.begin(world.at("folder"), fileEntry("a")) == world.at("real/a"));
  CHECK(world.names("real") == std::vector<std::string>{"file"});
}

TEST_CASE("a dry run makes nothing and finds nothing in what would be made", "[file_sink]") {
  SinkWorld world;
  auto dry = [](auto options) { options.setDryRun(true); };
  CHECK(world.begin(world.at("new"), folderEntry(""), dry) == world.at("new"));
  auto standing = world.look(folderEntry(""));
  CHECK_FALSE(standing.entry.has_value());
  CHECK(ok(standing.error));
  CHECK_FALSE(world.look(fileEntry("a/b")).entry.has_value());
  CHECK_THROWS(world.put(fileEntry("a"), "x"));
  CHECK_THROWS(world.make(folderEntry("")));
  CHECK_THROWS(world.create(fileEntry("a")));
  CHECK(world.finish().errors.empty());
  CHECK(world.begin(world.at("new/"), folderEntry("tree"), dry) == world.at("new/tree"));
  CHECK(world.begin(world.at("no/new"), folderEntry(""), dry).error().reason == Reason::NOT_FOUND);
  CHECK(world.names().empty());
}

}  // namespace
}  // namespace cbs::cli
