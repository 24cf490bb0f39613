#include "tests/unit/cli/source_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using Paths = std::vector<std::string>;

TEST_CASE("a tree is told with its root's name, a folder before what is in it", "[file_source]") {
  SourceWorld world;
  world.folder.makeFolder("tree", 0750);
  world.folder.makeFolder("tree/inner");
  world.folder.makeFolder("tree/empty");
  world.folder.write("tree/inner/file", "hello", 0640);
  world.folder.write(std::string("tree/odd \n\xff name"), "");
  world.link("inner/file", "tree/link");
  world.walk({world.at("tree")});
  CHECK(world.sorted() ==
        Paths{"tree", "tree/empty", "tree/inner", "tree/inner/file", "tree/link", std::string("tree/odd \n\xff name")});
  CHECK(world.order.front() == "tree");
  auto place = [&](const char* path) { return std::find(world.order.begin(), world.order.end(), path); };
  CHECK(place("tree/inner") < place("tree/inner/file"));
  CHECK(world.errors.empty());
  CHECK(world.entries["tree"].kind == FileKind::DIRECTORY);
  CHECK(world.entries["tree"].mode == 0750);
  const auto& file = world.entries["tree/inner/file"];
  CHECK(file.kind == FileKind::FILE);
  CHECK(file.size == 5);
  CHECK(file.mode == 0640);
  CHECK(file.mtimeS == world.info("tree/inner/file").st_mtim.tv_sec);
  CHECK(file.id != 0);
  CHECK(world.entries["tree/link"].kind == FileKind::LINK);
  CHECK(world.entries["tree/link"].target == "inner/file");
  CHECK(world.readOne("tree/inner/file").bytes == "hello");
}

TEST_CASE("a slash at the end, or dots, ask for a folder's contents", "[file_source]") {
  SourceWorld world;
  world.folder.makeFolder("tree");
  world.folder.makeFolder("tree/inner");
  world.folder.write("tree/file", "x");
  for (const char* name : {"tree/", "tree//", "tree/.", "tree/inner/.."}) {
    world.order.clear();
    world.walk({world.at(name)});
    CHECK(world.sorted() == Paths{"", "file", "inner"});
    CHECK(world.order.front().empty());
    CHECK(world.roots().first.path.empty());
    CHECK(world.readOne("file").bytes == "x");
  }
}

TEST_CASE("the roots say how many there are, and what the first is", "[file_source]") {
  SourceWorld world;
  world.folder.write("a", "12");
  world.folder.makeFolder("b");
  world.open({world.at("a"), world.at("b")});
  auto roots = world.roots();
  CHECK(roots.count == 2);
  CHECK(roots.first.path == "a");
  CHECK(roots.first.size == 2);
  CHECK(roots.error.kind == ErrorKind::NONE);
}

TEST_CASE("a root that is missing is told, and the others go on", "[file_source]") {
  SourceWorld world;
  world.folder.write("a", "12");
  world.walk({world.at("gone"), world.at("a")});
  CHECK(world.sorted() == Paths{"a"});
  const auto& error = world.errors.at("gone");
  CHECK(error.kind == ErrorKind::TRANSFER_FAILED);
  CHECK(error.reason == Reason::NOT_FOUND);
  CHECK(error.fact("localPath") == world.at("gone"));
  world.open({world.at("gone")});
  CHECK(world.roots().error.reason == Reason::NOT_FOUND);
  world.open({world.at("a/")});
  CHECK(world.roots().error.reason == Reason::NOT_FOUND);
  world.open({world.at("gone"), world.at("away")});
  CHECK(world.roots().error.fact("localPath") == world.at("gone"));
  world.open({world.at("gone"), world.at("a")});
  CHECK(world.roots().error.kind == ErrorKind::NONE);
  CHECK(world.roots().first.path == "a");
}

TEST_CASE("a folder is refused where trees were not asked for", "[file_source]") {
  SourceWorld world(false);
  world.folder.write("a", "12");
  world.folder.makeFolder("b");
  world.walk({world.at("b"), world.at("b/"), world.at("a")});
  CHECK(world.sorted() == Paths{"a"});
  CHECK(world.errors.at("b").reason == Reason::IS_DIRECTORY);
  CHECK(world.errors.at("").reason == Reason::IS_DIRECTORY);
}

TEST_CASE("a link that is a root is followed where trees are not asked for", "[file_source]") {
  SourceWorld world(false);
  world.folder.write("file", "content");
  world.link("file", "link");
  world.walk({world.at("link")});
  CHECK(world.entries["link"].kind == FileKind::FILE);
  CHECK(world.readOne("link").bytes == "content");
}

TEST_CASE("a link that is a root stays one where trees are asked for, without a slash at its end", "[file_source]") {
  SourceWorld world;
  world.folder.makeFolder("folder");
  world.folder.write("folder/file", "");
  world.link("folder", "link");
  world.walk({world.at("link")});
  CHECK(world.entries["link"].kind == FileKind::LINK);
  CHECK(world.sorted() == Paths{"link"});
  world.order.clear();
  world.walk({world.at("link/")});
  CHECK(world.sorted() == Paths{"", "file"});
}

TEST_CASE("followed links are what they lead to, and those that lead nowhere are told", "[file_source]") {
  SourceWorld world;
  world.options.followLinks = true;
  world.folder.makeFolder("tree");
  world.folder.makeFolder("other");
  world.folder.write("other/file", "far");
  world.link("../other", "tree/folder");
  world.link("../other/file", "tree/file");
  world.link("nowhere", "tree/dangling");
  world.link("itself", "tree/itself");
  world.walk({world.at("tree")});
  CHECK(world.sorted() == Paths{"tree", "tree/file", "tree/folder", "tree/folder/file"});
  CHECK(world.readOne("tree/file").bytes == "far");
  CHECK(world.readOne("tree/folder/file").bytes == "far");
  CHECK(world.errors.size() == 2);
  CHECK(world.errors.at("tree/dangling").reason == Reason::NOT_FOUND);
  CHECK(world.errors.count("tree/itself") == 1);
}

TEST_CASE("a cycle of followed links ends with an error", "[file_source]") {
  SourceWorld world;
  world.options.followLinks = true;
  world.folder.makeFolder("tree");
  world.folder.makeFolder("tree/inner");
  world.link("..", "tree/inner/up");
  world.walk({world.at("tree")});
  CHECK(world.sorted() == Paths{"tree", "tree/inner"});
  CHECK(world.errors.at("tree/inner/up").reason == Reason::LOCAL_IO);
}

TEST_CASE("special files are told and never opened", "[file_source]") {
  SourceWorld world;
  world.folder.makeFolder("tree");
  REQUIRE(mkfifo(world.at("tree/fifo").c_str(), 0600) == 0);
  world.folder.write("tree/file", "x");
  world.walk({world.at("tree")});
  CHECK(world.entries["tree/fifo"].kind == FileKind::OTHER);
  // What becomes one later is not waited for either.
  REQUIRE(unlink(world.at("tree/file").c_str()) == 0);
  REQUIRE(mkfifo(world.at("tree/file").c_str(), 0600) == 0);
  CHECK(world.readOne("tree/file").error.reason == Reason::NOT_FOUND);
}

TEST_CASE("what is excluded is not told, and not descended into", "[file_source]") {
  SourceWorld world;
  world.options.exclude = {"*.o", "build/"};
  world.folder.makeFolder("tree");
  world.folder.makeFolder("tree/build");
  world.folder.write("tree/build/file", "");
  world.folder.write("tree/a.o", "");
  world.folder.write("tree/a.c", "");
  world.walk({world.at("tree")});
  CHECK(world.sorted() == Paths{"tree", "tree/a.c"});
}

TEST_CASE("what is excluded is not told either if it was asked for itself", "[file_source]") {
  SourceWorld world;
  world.options.exclude = {"*.o", "build/"};
  world.folder.makeFolder("build");
  world.folder.write("build/file", "");
  for (const char* name : {"a.o", "a.c"}) world.folder.write(name, "");
  world.walk({world.at("build"), world.at("a.o"), world.at("a.c")});
  CHECK(world.sorted() == Paths{"a.c"});
}

TEST_CASE("the second name of a file says the first", "[file_source]") {
  SourceWorld world;
  world.folder.makeFolder("tree");
  world.folder.write("tree/one", "same");
  world.folder.write("tree/single", "other");
  REQUIRE(::link(world.at("tree/one").c_str(), world.at("tree/two").c_str()) == 0);
  world.walk({world.at("tree")});
  auto first = world.entries["tree/one"], second = world.entries["tree/two"];
  if (world.order[1] == "tree/two" || first.sameAs == "tree/two") std::swap(first, second);
  CHECK(first.sameAs.empty());
  CHECK(second.sameAs == first.path);
  CHECK(world.entries["tree/single"].sameAs.empty());
}

TEST_CASE("a folder that cannot be read is told with its error", "[file_source]") {
  SourceWorld world;
  world.folder.makeFolder("tree", 0755);
  world.folder.makeFolder("tree/shut", 0);
  uid_t self = geteuid();
  if (self == 0) REQUIRE(seteuid(65534) == 0);  // root reads everything
  world.walk({world.at("tree")});
  REQUIRE(seteuid(self) == 0);
  CHECK(world.errors.at("tree/shut").reason == Reason::PERMISSION_DENIED);
  CHECK(world.entries.count("tree/shut") == 1);
}

TEST_CASE("thousands of files come in batches", "[file_source]") {
  SourceWorld world;
  world.folder.makeFolder("tree");
  for (int i = 0; i < 2500; ++i) world.folder.write("tree/f" + std::to_string(i), "");
  world.walk({world.at("tree")});
  CHECK(world.order.size() == 2501);
  CHECK(world.entries.size() == 2501);
}

}  // namespace
}  // namespace cbs::cli
