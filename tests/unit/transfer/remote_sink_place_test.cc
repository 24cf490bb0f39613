#include "tests/unit/transfer/remote_sink_world.h"

namespace cbs::transfer {
namespace {

TEST_CASE("what goes to a folder on a host goes into it under its own name", "[sink]") {
  SinkWorld world;
  world.makeRemote("real");
  world.linkRemote("d", "real");
  world.begin(fileEntry("a"), world.remote("d"));
  REQUIRE(world.place == world.remote("real/a"));
  world.put(fileEntry("a"), "text");
  REQUIRE(world.read("real/a") == "text");
}

TEST_CASE("a missing destination on a host is the new name of a root", "[sink]") {
  SinkWorld world;
  world.begin(folderEntry("src"), world.remote("copy"));
  REQUIRE(world.place == world.remote("copy"));
  world.makeOne(folderEntry("src"));
  world.put(fileEntry("src/a"), "text");
  REQUIRE(world.read("copy/a") == "text");
  REQUIRE_FALSE(world.tryPut(fileEntry("other/a"), "text"));

  world.begin(fileEntry("a"), world.remote("b"));
  world.put(fileEntry("a"), "file");
  REQUIRE(world.read("b") == "file");
}

TEST_CASE("a missing destination with a slash at its end is made for a folder, and an error for a file", "[sink]") {
  SinkWorld world;
  world.begin(folderEntry("src"), world.remote("new/"));
  REQUIRE(world.place == world.remote("new/src"));
  REQUIRE(S_ISDIR(world.stats("new").st_mode));
  REQUIRE(world.refusal(fileEntry("a"), world.remote("missing/")).reason == Reason::NOT_FOUND);
  REQUIRE_FALSE(world.exists("missing"));
}

TEST_CASE("the contents of a folder go to the destination on a host itself, which is made", "[sink]") {
  SinkWorld world;
  world.begin(folderEntry("", 0750), world.remote("new"));
  REQUIRE(world.place == world.remote("new"));
  world.makeOne(folderEntry("", 0750));
  world.put(fileEntry("a"), "text");
  REQUIRE(world.read("new/a") == "text");
  REQUIRE(world.finish().errors.empty());
  REQUIRE(world.modeOf("new") == 0750);
}

TEST_CASE("several roots need a folder on the host, which is made in a folder that is there", "[sink]") {
  SinkWorld world;
  world.begin(fileEntry("a"), world.remote("new"), 2);
  world.put(fileEntry("a"), "1");
  world.put(fileEntry("b"), "2");
  REQUIRE(world.names("new") == std::vector<std::string>{"a", "b"});
  REQUIRE(world.refusal(fileEntry("a"), world.remote("no/where"), 2).reason == Reason::NOT_FOUND);
  world.writeRemote("file", "");
  REQUIRE(world.refusal(fileEntry("a"), world.remote("file"), 2).reason == Reason::ALREADY_EXISTS);
}

TEST_CASE("the contents of several folders go to one on a host", "[sink]") {
  SinkWorld world;
  world.options.recursive = true;
  world.begin(folderEntry(""), world.remote("new"), 2);
  REQUIRE(world.look(folderEntry("")).value());
  world.makeOne(folderEntry(""));
  world.put(fileEntry("a"), "1");
  REQUIRE(world.look(folderEntry("")).value());
  world.makeOne(folderEntry(""));
  world.put(fileEntry("b"), "2");
  REQUIRE(world.finish().errors.empty());
  REQUIRE(world.names("new") == std::vector<std::string>{"a", "b"});
  REQUIRE(world.stats("new").st_mtim.tv_sec == 900'000'000);
}

TEST_CASE("a folder on a host that is made for contents gets the mode of their folder", "[sink]") {
  SinkWorld world;
  world.options.recursive = true;
  world.begin(folderEntry("", 0555), world.remote("new"));
  world.makeOne(folderEntry("", 0555));
  world.put(fileEntry("a"), "text");
  REQUIRE(world.finish().errors.empty());
  REQUIRE(world.modeOf("new") == 0555);
  chmod(world.remote("new").c_str(), 0755);
}

TEST_CASE("a file on a host is replaced where a link leads to it, and by no folder", "[sink]") {
  SinkWorld world;
  world.writeRemote("real", "old");
  world.linkRemote("link", "real");
  world.begin(fileEntry("a"), world.remote("link"));
  REQUIRE(world.place == world.remote("real"));
  world.put(fileEntry("a"), "new");
  REQUIRE(world.read("real") == "new");
  REQUIRE(S_ISLNK(world.stats("link").st_mode));
  auto error = world.refusal(folderEntry("src"), world.remote("link"));
  REQUIRE(error.reason == Reason::ALREADY_EXISTS);
  REQUIRE(error.fact("remotePath") == world.remote("real"));
}

TEST_CASE("a device on a host is no destination", "[sink]") {
  SinkWorld world;
  REQUIRE(world.refusal(fileEntry("a"), "/dev/null").reason == Reason::ALREADY_EXISTS);
}

TEST_CASE("a destination on a host begins at the home directory unless it begins with a slash", "[sink]") {
  SinkWorld world;
  world.options.dryRun = true;
  world.begin(fileEntry("cbs-a"), "~");
  const std::string home = world.place.substr(0, world.place.rfind('/'));
  REQUIRE(home.front() == '/');
  world.begin(fileEntry("cbs-a"), "");
  world.begin(fileEntry("a"), "~/cbs-new");
  REQUIRE(world.place == home + "/cbs-new");
  world.begin(fileEntry("a"), "cbs-new");
  REQUIRE(world.place == home + "/cbs-new");
}

TEST_CASE("a dry run makes nothing on a host and sees that nothing is there", "[sink]") {
  SinkWorld world;
  world.options.dryRun = true;
  world.begin(folderEntry(""), world.remote("new"));
  REQUIRE_FALSE(world.look(folderEntry("")).value());
  REQUIRE_FALSE(world.look(folderEntry("d")).value());
  REQUIRE_FALSE(world.look(fileEntry("d/a")).value());
  REQUIRE(world.finish().errors.empty());
  REQUIRE(world.names().empty());
}

}  // namespace
}  // namespace cbs::transfer
