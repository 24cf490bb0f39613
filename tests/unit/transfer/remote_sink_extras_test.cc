#include "tests/unit/transfer/remote_sink_world.h"

#include <catch2/generators/catch_generators.hpp>

namespace cbs::transfer {
namespace {

// A tree on the host of which t/kept, t/d and t/d/kept come by again.
struct ExtrasWorld : SinkWorld {
  explicit ExtrasWorld(std::vector<std::string> exclude = {}) {
    options.recursive = true;
    options.deleteExtras = true;
    options.exclude = std::move(exclude);
    for (const char* folder : {"t", "t/d", "t/old", "t/old/deep", "outside"}) makeRemote(folder);
    for (const char* file : {"t/kept", "t/gone", "t/d/kept", "t/d/gone", "t/old/deep/gone", "outside/a", "beside"})
      writeRemote(file, "text");
    linkRemote("t/old/out", "../../outside");
  }
  void transfer() {
    begin(folderEntry("t"));
    const std::vector<Entry> entries = {folderEntry("t"), fileEntry("t/kept"), folderEntry("t/d"),
                                        fileEntry("t/d/kept")};
    for (const auto& standing : wait(sink->look(entries))) REQUIRE(standing.value());
    if (options.dryRun) return;
    makeOne(folderEntry("t"));
    makeOne(folderEntry("t/d"));
  }
  std::vector<std::string> deleted(bool complete = true) {
    auto finished = finish(complete);
    REQUIRE(finished.errors.empty());
    std::sort(finished.deleted.begin(), finished.deleted.end());
    return finished.deleted;
  }
  const std::vector<std::string> extras = {"t/d/gone", "t/gone", "t/old", "t/old/deep", "t/old/deep/gone", "t/old/out"};
};

TEST_CASE("what did not come by is deleted from the folders of a tree on a host", "[sink]") {
  ExtrasWorld world;
  world.transfer();
  REQUIRE(world.deleted() == world.extras);
  REQUIRE(world.names("t") == std::vector<std::string>{"d", "kept"});
  REQUIRE(world.names("t/d") == std::vector<std::string>{"kept"});
  REQUIRE(world.read("outside/a") == "text");
  REQUIRE(world.read("beside") == "text");
  REQUIRE(world.stats("t").st_mtim.tv_sec == 900'000'000);
}

TEST_CASE("nothing is deleted from a host when not everything has come by", "[sink]") {
  ExtrasWorld world;
  world.transfer();
  REQUIRE(world.deleted(false).empty());
  REQUIRE(world.exists("t/gone"));
}

TEST_CASE("many extras are deleted from a host in parts", "[sink]") {
  ExtrasWorld world;
  world.options.dryRun = GENERATE(false, true);
  std::vector<std::string> extras = world.extras;
  for (int i = 0; i < 2'500; ++i) {
    extras.push_back("t/old/" + std::to_string(i));
    std::ofstream(world.remote(extras.back()));
  }
  std::sort(extras.begin(), extras.end());
  world.transfer();
  REQUIRE(world.deleted() == extras);
  REQUIRE(world.finishedIn >= 2);
  REQUIRE(world.exists("t/old") == world.options.dryRun);
}

TEST_CASE("a folder on a host that cannot be emptied stays with the folders above it", "[sink]") {
  ExtrasWorld world;
  world.writeRemote("t/old/deep/kept", "");
  chmod(world.remote("t/old/deep").c_str(), 0500);
  world.transfer();
  auto finished = world.finish();
  REQUIRE(finished.errors.size() == 2);
  for (const auto& error : finished.errors) REQUIRE(error.error.reason == Reason::PERMISSION_DENIED);
  REQUIRE(world.names("t") == std::vector<std::string>{"d", "kept", "old"});
  REQUIRE(world.names("t/old") == std::vector<std::string>{"deep"});
  chmod(world.remote("t/old/deep").c_str(), 0700);
}

TEST_CASE("a dry run tells what would be deleted from a host", "[sink]") {
  ExtrasWorld world;
  world.options.dryRun = true;
  world.transfer();
  REQUIRE(world.deleted() == world.extras);
  REQUIRE(world.exists("t/old/deep/gone"));
}

TEST_CASE("what is excluded, and parts, are spared on a host with the folders that they are in", "[sink]") {
  ExtrasWorld world({"*.log", "deep/"});
  world.writeRemote("t/x.log", "");
  world.writeRemote("t/.big.cbs-aaaaaaaa", "");
  world.makeRemote("t/logs");
  world.writeRemote("t/logs/y.log", "");
  world.writeRemote("t/logs/gone", "");
  world.transfer();
  REQUIRE(world.deleted() == std::vector<std::string>{"t/d/gone", "t/gone", "t/logs/gone", "t/old/out"});
  REQUIRE(world.names("t") == std::vector<std::string>{".big.cbs-aaaaaaaa", "d", "kept", "logs", "old", "x.log"});
  REQUIRE(world.exists("t/old/deep/gone"));
}

TEST_CASE("what was put into a folder on a host in this transfer is not deleted", "[sink]") {
  ExtrasWorld world;
  world.transfer();
  world.makeOne(folderEntry("t/new"));
  world.put(fileEntry("t/new/a"), "text");
  world.put(fileEntry("t/put"), "text");
  REQUIRE(world.deleted() == world.extras);
  REQUIRE(world.names("t") == std::vector<std::string>{"d", "kept", "new", "put"});
  REQUIRE(world.read("t/new/a") == "text");
}

}  // namespace
}  // namespace cbs::transfer
