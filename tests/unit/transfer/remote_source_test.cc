#include "agentd/transfer/remote_source.h"

#include "tests/unit/transfer/source_world.h"

#include <sys/stat.h>
#include <sys/time.h>

#include <algorithm>
#include <set>

namespace cbs::transfer {
namespace {

using Paths = std::vector<std::string>;

Options recursive() {
  Options options;
  options.recursive = true;
  return options;
}

TEST_CASE("a tree on a host is told with kinds, sizes, modes, times and targets, folders before what is in them") {
  SourceWorld world;
  world.write("tree/a", "hello", 0640);
  world.write("tree/sub/deep/b", "", 04711);
  world.link("tree/sub/to", "../nowhere");
  REQUIRE(mkfifo(world.remote("tree/pipe").c_str(), 0600) == 0);
  timeval times[2] = {{5, 0}, {1'000'000'000, 0}};
  REQUIRE(utimes(world.remote("tree/a").c_str(), times) == 0);

  auto walked = world.walk({world.remote("tree")}, recursive());
  REQUIRE(walked.errors.empty());
  REQUIRE(walked.paths() ==
          Paths{"tree", "tree/a", "tree/pipe", "tree/sub", "tree/sub/deep", "tree/sub/deep/b", "tree/sub/to"});
  REQUIRE(walked.at("tree/a") == Entry{"tree/a", Kind::FILE, 5, 0640, 1'000'000'000, 0, "", ""});
  REQUIRE(walked.at("tree/sub/deep/b").mode == 04711);
  REQUIRE(walked.at("tree/sub").kind == Kind::DIRECTORY);
  REQUIRE(walked.at("tree/sub/to").kind == Kind::LINK);
  REQUIRE(walked.at("tree/sub/to").target == "../nowhere");
  REQUIRE(walked.at("tree/pipe").kind == Kind::OTHER);
  std::set<std::string> told;
  for (const auto& entry : walked.entries) {
    size_t slash = entry.path.rfind('/');
    if (slash != std::string::npos) REQUIRE(told.count(entry.path.substr(0, slash)) == 1);
    told.insert(entry.path);
  }
}

TEST_CASE("with a slash at the end, or by the name of a dot, the contents of a folder on a host are told") {
  SourceWorld world;
  world.write("tree/a", "x");
  world.write("tree/sub/b", "y");
  world.link("link", "tree");
  for (const char* path : {"tree/", "tree/sub/..", "tree/.", "tree//", "link/"}) {
    auto walked = world.walk({world.remote(path)}, recursive());
    REQUIRE(walked.paths() == Paths{"", "a", "sub", "sub/b"});
    REQUIRE(walked.at("").kind == Kind::DIRECTORY);
  }
}

TEST_CASE("a path on a host that is missing or a folder is an error, and the others go on") {
  SourceWorld world;
  world.write("a", "x");
  world.write("tree/b", "y");
  const Options options;
  RemoteSource source(world.loop, world.streams, world.channels,
                      {world.remote("none"), world.remote("a"), world.remote("tree"), world.remote("a/")}, options);
  auto roots = world.must(source.roots());
  REQUIRE(roots.count == 4);
  REQUIRE(roots.first.path == "a");
  auto walked = world.walk(source);
  REQUIRE(walked.paths() == Paths{"a"});
  REQUIRE(walked.errors.size() == 3);
  REQUIRE(walked.failure(world.remote("none")) == Reason::NOT_FOUND);
  REQUIRE(walked.failure(world.remote("tree")) == Reason::IS_DIRECTORY);
  REQUIRE(walked.failure(world.remote("a/")) == Reason::NOT_FOUND);

  RemoteSource nothing(world.loop, world.streams, world.channels, {world.remote("none")}, options);
  auto failed = world.wait(nothing.roots());
  REQUIRE_FALSE(failed);
  REQUIRE(failed.error().reason == Reason::NOT_FOUND);
  REQUIRE(failed.error().fact("remotePath") == world.remote("none"));
}

TEST_CASE("a link on a host that was asked for is followed, unless a tree was") {
  SourceWorld world;
  world.write("file", "12345");
  world.link("link", "file");
  auto followed = world.walk({world.remote("link")}, {});
  REQUIRE(followed.at("link").kind == Kind::FILE);
  REQUIRE(followed.at("link").size == 5);
  auto kept = world.walk({world.remote("link")}, recursive());
  REQUIRE(kept.at("link").kind == Kind::LINK);
  REQUIRE(kept.at("link").target == "file");
}

TEST_CASE("links on a host are followed if that is asked for, and circles and dead ends are errors") {
  SourceWorld world;
  world.write("away/file", "12345");
  world.write("tree/sub/x", "");
  world.link("tree/folder", "../away");
  world.link("tree/file", "../away/file");
  world.link("tree/dead", "nowhere");
  world.link("tree/sub/circle", "..");
  world.link("tree/sub/above", "../..");
  auto options = recursive();
  options.followLinks = true;
  auto walked = world.walk({world.remote("tree")}, options);
  REQUIRE(walked.at("tree/file").kind == Kind::FILE);
  REQUIRE(walked.at("tree/file").size == 5);
  REQUIRE(walked.at("tree/folder").kind == Kind::DIRECTORY);
  REQUIRE(walked.at("tree/folder/file").size == 5);
  REQUIRE(walked.failure("tree/dead") == Reason::NOT_FOUND);
  REQUIRE(walked.failure("tree/sub/circle") == Reason::REMOTE_IO);
  REQUIRE(walked.failure("tree/sub/above/tree") == Reason::REMOTE_IO);
  REQUIRE(std::none_of(walked.entries.begin(), walked.entries.end(),
                       [](const Entry& entry) { return entry.kind == Kind::LINK; }));
}

TEST_CASE("what is excluded on a host is not told, and an excluded folder is not gone into") {
  SourceWorld world;
  world.write("tree/a.o", "");
  world.write("tree/a.c", "");
  world.write("tree/build/a.c", "");
  world.write("tree/sub/build/a.c", "");
  world.write("tree/sub/a.o", "");
  auto options = recursive();
  options.exclude = {"*.o", "build/"};
  REQUIRE(world.walk({world.remote("tree")}, options).paths() == Paths{"tree", "tree/a.c", "tree/sub"});
  options.exclude = {"tree/sub"};
  REQUIRE(world.walk({world.remote("tree/")}, options).at("sub").kind == Kind::DIRECTORY);
}

TEST_CASE("a folder on a host that may not be read is an error, and the walk goes on") {
  SourceWorld world;
  world.write("tree/closed/a", "");
  world.write("tree/open/b", "");
  REQUIRE(chmod(world.remote("tree/closed").c_str(), 0) == 0);
  auto walked = world.walk({world.remote("tree")}, recursive());
  REQUIRE(chmod(world.remote("tree/closed").c_str(), 0700) == 0);
  REQUIRE(walked.paths() == Paths{"tree", "tree/closed", "tree/open", "tree/open/b"});
  REQUIRE(walked.failure("tree/closed") == Reason::PERMISSION_DENIED);
}

TEST_CASE("names on a host are bytes") {
  SourceWorld world;
  const std::string name = "tree/\xff\n *";
  world.write(name, "odd");
  const Options options = recursive();
  RemoteSource source(world.loop, world.streams, world.channels, {world.remote("tree")}, options);
  world.must(source.roots());
  auto walked = world.walk(source);
  REQUIRE(walked.at(name).size == 3);
  auto contents = world.wait(source.readWhole({walked.at(name)}));
  REQUIRE(textOf(contents[0].value()) == "odd");
}

TEST_CASE("folders of very many files, and very many folders, are told completely, also to one who takes breaks") {
  SourceWorld world;
  world.makeFolder("tree/large");
  for (int i = 0; i < 20'000; ++i) std::ofstream(world.remote("tree/large/" + std::to_string(i)));
  for (int i = 0; i < 300; ++i) world.makeFolder("tree/many/" + std::to_string(i) + "/in");
  const Options options = recursive();
  RemoteSource source(world.loop, world.streams, world.channels, {world.remote("tree")}, options);
  world.must(source.roots());
  auto before = world.must(source.next()).entries.size();
  // Meanwhile the walk comes as far ahead as it may.
  for (int i = 0; i < 300; ++i) world.must(world.streams.first().realPath("."));
  auto walked = world.walk(source);
  REQUIRE(walked.errors.empty());
  auto paths = walked.paths();
  REQUIRE(before + paths.size() == 3 + 20'000 + 2 * 300);
  REQUIRE(std::adjacent_find(paths.begin(), paths.end()) == paths.end());
}

TEST_CASE("small files of a host are read side by side, each with its own result") {
  SourceWorld world;
  world.write("tree/a", "alpha");
  world.write("tree/empty", "");
  world.write("tree/large", std::string(kSmallFile, 'x'));
  world.write("tree/gone", "gone");
  world.write("tree/grown", "12345");
  world.write("tree/shrunk", "12345");
  const Options options = recursive();
  RemoteSource source(world.loop, world.streams, world.channels, {world.remote("tree/")}, options);
  world.must(source.roots());
  auto walked = world.walk(source);
  std::filesystem::remove(world.remote("tree/gone"));
  world.write("tree/grown", "123456");
  world.write("tree/shrunk", "1234");
  auto contents = world.wait(source.readWhole({walked.at("a"), walked.at("gone"), walked.at("empty"),
                                               walked.at("grown"), walked.at("large"), walked.at("shrunk")}));
  REQUIRE(contents.size() == 6);
  REQUIRE(textOf(contents[0].value()) == "alpha");
  REQUIRE(contents[1].error().reason == Reason::NOT_FOUND);
  REQUIRE(contents[2].value().size() == 0);
  REQUIRE(contents[3].error().reason == Reason::REMOTE_IO);
  REQUIRE(textOf(contents[4].value()) == std::string(kSmallFile, 'x'));
  REQUIRE(contents[5].error().reason == Reason::REMOTE_IO);
}

TEST_CASE("files of a host that do not tell their size are read to the end") {
  SourceWorld world;
  const Options options;
  RemoteSource source(world.loop, world.streams, world.channels, {"/proc/filesystems", "/proc/meminfo"}, options);
  world.must(source.roots());
  auto walked = world.walk(source);
  REQUIRE(walked.at("filesystems").size == 0);
  auto contents = world.wait(source.readWhole({walked.at("filesystems"), walked.at("meminfo")}));
  REQUIRE(textOf(contents[0].value()) == test::readFile("/proc/filesystems"));
  REQUIRE(contents[1].value().size() > 100);
}

TEST_CASE("a file of a host that says it is empty may bring little more") {
  SourceWorld world;
  world.write("file", std::string(kSmallFile + 1, 'x'));
  const Options options;
  RemoteSource source(world.loop, world.streams, world.channels, {world.remote("file")}, options);
  world.must(source.roots());
  auto file = world.walk(source).at("file");
  file.size = 0;
  auto contents = world.wait(source.readWhole({file}));
  REQUIRE(contents[0].error().reason == Reason::REMOTE_IO);
  REQUIRE(contents[0].error().detail == world.remote("file") + ": is larger than it says");
}

TEST_CASE("relative paths of a host are those of SFTP for all that is asked about them") {
  test::TempFolder folder;
  folder.write("file", "content", 0644);
  SourceWorld world({.sftp = "internal-sftp -d " + folder.path()});
  const Options options;
  RemoteSource source(world.loop, world.streams, world.channels, {"file"}, options);
  world.must(source.roots());
  auto file = world.walk(source).at("file");
  std::filesystem::remove(folder.path("file"));
  REQUIRE(world.wait(source.digests({file}))[0].error().fact("remotePath") == folder.path("file"));
}

TEST_CASE("two files of a host with the same name are told apart") {
  SourceWorld world;
  world.write("one/file", "first");
  world.write("two/file", "second");
  const Options options;
  RemoteSource source(world.loop, world.streams, world.channels, {world.remote("one/file"), world.remote("two/file")},
                      options);
  REQUIRE(world.must(source.roots()).count == 2);
  auto walked = world.walk(source);
  auto contents = world.wait(source.readWhole(walked.entries));
  REQUIRE(textOf(contents[0].value()) == "first");
  REQUIRE(textOf(contents[1].value()) == "second");
}

TEST_CASE("files of a host are closed again, so that thousands can be read one after the other") {
  SourceWorld world;
  world.write("file", "content");
  const Options options;
  RemoteSource source(world.loop, world.streams, world.channels, {world.remote("file")}, options);
  world.must(source.roots());
  std::vector<Entry> files(64, world.walk(source).at("file"));
  for (int i = 0; i < 40; ++i) {
    for (auto& content : world.wait(source.readWhole(files))) REQUIRE(textOf(content.value()) == "content");
    world.must(source.open(files[0]));
  }
}

TEST_CASE("a walk that is dropped in the middle harms nothing") {
  SourceWorld world;
  for (int i = 0; i < 50; ++i) world.write("tree/" + std::to_string(i) + "/file", "x");
  {
    const Options options = recursive();
    RemoteSource source(world.loop, world.streams, world.channels, {world.remote("tree")}, options);
    world.must(source.roots());
    world.must(source.next());
    auto dropped = source.next();
  }
  REQUIRE(world.walk({world.remote("tree")}, recursive()).entries.size() == 101);
}

TEST_CASE("a source whose connection breaks fails") {
  SourceWorld world;
  world.write("tree/a", "x");
  const Options options = recursive();
  RemoteSource source(world.loop, world.streams, world.channels, {world.remote("tree")}, options);
  world.must(source.roots());
  world.sshd.kill();
  Expected<Source::Batch> batch = Source::Batch{};
  while (batch && !batch->done) batch = world.wait(source.next());
  REQUIRE_FALSE(batch);
  REQUIRE(batch.error().reason == Reason::CONNECTION_LOST);
}

}  // namespace
}  // namespace cbs::transfer
