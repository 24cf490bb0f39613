#include "cli/transfer/told_files.h"
#include "tests/unit/cli/source_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

TEST_CASE("small files are read whole, each with its own failure", "[file_source]") {
  SourceWorld world;
  world.folder.makeFolder("tree");
  std::string most(size_t{64} * 1024, 'm');
  for (const char* name : {"empty", "gone", "grown", "shrunk", "swapped"}) {
    world.folder.write(std::string("tree/") + name, std::string(name) == "empty" ? "" : "12345");
  }
  world.folder.write("tree/most", most);
  world.folder.write("tree/large", most + "+");
  world.folder.write("secret", "12345");
  world.walk({world.at("tree")});
  REQUIRE(unlink(world.at("tree/gone").c_str()) == 0);
  REQUIRE(unlink(world.at("tree/swapped").c_str()) == 0);
  world.link("../secret", "tree/swapped");
  world.folder.write("tree/grown", "123456");
  REQUIRE(truncate(world.at("tree/shrunk").c_str(), 4) == 0);
  auto id = [&](const char* name) { return world.entries.at(std::string("tree/") + name).id; };
  auto files = world.read({id("most"), id("gone"), id("empty"), id("grown"), id("shrunk"), id("large"), id("swapped")});
  CHECK(files[0].bytes == most);
  CHECK(files[1].error.reason == Reason::NOT_FOUND);
  CHECK(files[1].error.fact("localPath") == world.at("tree/gone"));
  CHECK(files[2].bytes.empty());
  CHECK(files[2].error.kind == ErrorKind::NONE);
  for (size_t changed : {3u, 4u, 5u}) {
    CHECK(files[changed].error.reason == Reason::LOCAL_IO);
    CHECK(files[changed].error.detail.find("changed while it was read") != std::string::npos);
  }
  CHECK(files[6].error.kind == ErrorKind::TRANSFER_FAILED);
  CHECK(files[6].bytes.empty());
}

TEST_CASE("a folder that was swapped for a link leads nowhere", "[file_source]") {
  SourceWorld world;
  world.folder.makeFolder("tree");
  world.folder.makeFolder("tree/inner");
  world.folder.write("tree/inner/file", "mine");
  world.folder.makeFolder("other");
  world.folder.write("other/file", "your");
  world.walk({world.at("tree")});
  REQUIRE(rename(world.at("tree/inner").c_str(), world.at("tree/away").c_str()) == 0);
  world.link("../other", "tree/inner");
  CHECK(world.readOne("tree/inner/file").error.kind == ErrorKind::TRANSFER_FAILED);
}

TEST_CASE("a file is opened as a descriptor, again and again", "[file_source]") {
  SourceWorld world;
  world.folder.write("large", std::string(100000, 'l'));
  world.walk({world.at("large")});
  for (int round = 0; round < 2; ++round) {
    auto request = world.source.openRequest();
    request.setId(world.entries.at("large").id);
    auto answer = request.send().wait(world.io.waitScope);
    auto file = answer.getFile();
    char bytes[8];
    CHECK(pread(descriptorOf(world, file), bytes, sizeof(bytes), 99990) == 8);
  }
  auto request = world.source.openRequest();
  request.setId(77);
  CHECK(decode(request.send().wait(world.io.waitScope).getError()).kind == ErrorKind::TRANSFER_FAILED);
}

}  // namespace
}  // namespace cbs::cli
