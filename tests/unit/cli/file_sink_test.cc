#include "cli/transfer/open_below.h"
#include "tests/support/small_disk.h"
#include "tests/unit/cli/sink_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using Names = std::vector<std::string>;

void preserve(schema::TransferOptions::Builder options) { options.setPreserve(true); }
void deletes(schema::TransferOptions::Builder options) { options.setDelete(true); }

TEST_CASE("what is there is told, for each kind", "[file_sink]") {
  SinkWorld world;
  world.folder.write("file", "12345", 0640);
  world.folder.makeFolder("folder", 0710);
  world.link("file", "link");
  REQUIRE(mkfifo(world.at("fifo").c_str(), 0600) == 0);
  world.beginTree();
  auto file = world.look(fileEntry("file")).entry;
  REQUIRE(file);
  CHECK(file->kind == FileKind::FILE);
  CHECK(file->size == 5);
  CHECK(file->mode == 0640);
  CHECK(file->mtimeS == world.info("file").st_mtim.tv_sec);
  CHECK(world.look(fileEntry("folder")).entry->kind == FileKind::DIRECTORY);
  CHECK(world.look(folderEntry("link")).entry->kind == FileKind::LINK);
  CHECK(world.look(folderEntry("link")).entry->target == "file");
  CHECK(world.look(fileEntry("fifo")).entry->kind == FileKind::OTHER);
  auto missing = world.look(fileEntry("missing/file"));
  CHECK_FALSE(missing.entry.has_value());
  CHECK(ok(missing.error));
  CHECK(world.look(fileEntry("file/below")).error.reason == Reason::ALREADY_EXISTS);
}

TEST_CASE("nothing goes where a path would leave the tree", "[file_sink]") {
  SinkWorld world;
  world.folder.makeFolder("tree");
  REQUIRE(world.begin(world.at("tree"), folderEntry(""), SinkWorld::recursive({})));
  for (const char* path : {"..", "../x", "a/../../x", "/x", "a//b", "./a", "a/"}) {
    INFO(path);
    CHECK(world.look(fileEntry(path)).error.reason == Reason::LOCAL_IO);
    CHECK(world.put(fileEntry(path), "x").reason == Reason::LOCAL_IO);
    CHECK(world.make(folderEntry(path)).reason == Reason::LOCAL_IO);
    CHECK(world.create(fileEntry(path)).error.reason == Reason::LOCAL_IO);
  }
  CHECK_FALSE(ok(world.put(fileEntry(""), "x")));
  CHECK_FALSE(ok(world.create(fileEntry("")).error));
  CHECK(world.names() == Names{"tree"});
  CHECK(world.names("tree").empty());
}

TEST_CASE("a link that was planted is never followed", "[file_sink]") {
  SinkWorld world;
  world.folder.makeFolder("tree");
  world.folder.makeFolder("tree/real");
  world.folder.makeFolder("outside");
  world.folder.write("outside/file", "safe");
  world.link("../outside", "tree/folder");
  world.link("../../outside", "tree/real/folder");
  world.link("../outside/file", "tree/file");
  REQUIRE(world.begin(world.at("tree"), folderEntry(""), SinkWorld::recursive(deletes)));
  for (const char* path : {"folder/file", "real/folder/file"}) {
    CHECK(world.look(fileEntry(path)).error.reason == Reason::ALREADY_EXISTS);
    CHECK_FALSE(ok(world.put(fileEntry(path), "x")));
    CHECK_FALSE(ok(world.create(fileEntry(path)).error));
    CHECK_FALSE(ok(world.make(linkEntry(path, "x"))));
  }
  CHECK(world.make(folderEntry("folder")).reason == Reason::ALREADY_EXISTS);
  CHECK(world.look(folderEntry("")).entry.has_value());
  // The link itself can be replaced, and deleted.
  CHECK(ok(world.put(fileEntry("file"), "mine")));
  CHECK(S_ISREG(world.info("tree/file").st_mode));
  world.look(folderEntry("real"));
  CHECK(world.finish().deleted == Names{"real/folder"});
  CHECK(readFile(world.at("outside/file")) == "safe");
  CHECK(world.names("outside") == Names{"file"});
}

TEST_CASE("a path is opened name by name as it is at once", "[file_sink]") {
  SinkWorld world;
  world.folder.makeFolder("a");
  world.folder.makeFolder("a/b");
  world.folder.write("a/b/file", "x");
  world.link("b", "a/link");
  kj::AutoCloseFd root(open(world.at("").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  CHECK(openBelow(root, "a/b/file", O_RDONLY).get() >= 0);
  CHECK(openBelowByName(root, "a/b/file", O_RDONLY).get() >= 0);
  for (const char* path : {"a/link/file", "a/link"}) {
    CHECK(openBelow(root, path, O_RDONLY).get() < 0);
    CHECK(openBelowByName(root, path, O_RDONLY).get() < 0);
  }
}

TEST_CASE("new files get the mode that the umask lets through, and replaced ones keep theirs", "[file_sink]") {
  SinkWorld world;
  Umask mask(027);
  world.folder.write("old", "", 0604);
  world.beginTree();
  CHECK(ok(world.put(fileEntry("new", 0, 04777), "x")));
  CHECK(ok(world.put(fileEntry("old", 0, 0777), "x")));
  CHECK(world.mode("new") == 0750);
  CHECK(world.mode("old") == 0604);
  CHECK(world.info("new").st_mtim.tv_sec == kLongAgo);
  auto writing = world.create(fileEntry("large", 1, 0666));
  CHECK(ok(world.commit(writing, fileEntry("large", 1, 0666))));
  CHECK(world.mode("large") == 0640);
  world.beginTree(preserve);
  CHECK(ok(world.put(fileEntry("old", 0, 01777), "x")));
  CHECK(world.mode("old") == 01777);
}

TEST_CASE("the time of a single file is its own unless it is to be kept", "[file_sink]") {
  SinkWorld world;
  REQUIRE(world.begin(world.at("file"), fileEntry("file")));
  CHECK(ok(world.put(fileEntry("file"), "x")));
  CHECK(world.info("file").st_mtim.tv_sec > kLongAgo);
  REQUIRE(world.begin(world.at("file"), fileEntry("file"), preserve));
  CHECK(ok(world.put(fileEntry("file"), "x")));
  CHECK(world.info("file").st_mtim.tv_sec == kLongAgo);
}

TEST_CASE("a file cannot take the place of a folder, and leaves nothing", "[file_sink]") {
  SinkWorld world;
  world.folder.makeFolder("folder");
  world.beginTree();
  CHECK(world.put(fileEntry("folder"), "x").reason == Reason::ALREADY_EXISTS);
  CHECK(world.make(linkEntry("folder", "x")).reason == Reason::ALREADY_EXISTS);
  {
    auto writing = world.create(fileEntry("folder", 1));
    CHECK(world.commit(writing, fileEntry("folder", 1)).reason == Reason::ALREADY_EXISTS);
  }
  CHECK(world.names() == Names{"folder"});
}

TEST_CASE("symbolic links are made, in the place of what is there, and hard links are not", "[file_sink]") {
  SinkWorld world;
  world.folder.write("link", "a file");
  world.beginTree();
  CHECK(ok(world.make(linkEntry("link", "some/where"))));
  CHECK(world.look(fileEntry("link")).entry->target == "some/where");
  CHECK(world.look(fileEntry("link")).entry->mtimeS == kLongAgo);
  auto second = fileEntry("second");
  second.sameAs = "link";
  CHECK(world.make(second).reason == Reason::LOCAL_IO);
  CHECK(world.names() == Names{"link"});
}

TEST_CASE("folders get their modes and times at the end", "[file_sink]") {
  SinkWorld world;
  Umask mask(022);
  world.folder.makeFolder("old", 0500);
  world.beginTree();
  CHECK(ok(world.make(folderEntry("new", 0555))));
  CHECK(ok(world.make(folderEntry("new/inner", 0777))));
  CHECK(ok(world.make(folderEntry("old", 0777))));
  CHECK((world.mode("new") & 0700) == 0700);
  CHECK((world.mode("old") & 0700) == 0700);
  CHECK(ok(world.put(fileEntry("new/inner/file"), "x")));
  CHECK(ok(world.put(fileEntry("old/file"), "x")));
  CHECK(world.finish().errors.empty());
  CHECK(world.mode("new") == 0555);
  CHECK(world.mode("new/inner") == 0755);
  CHECK(world.mode("old") == 0500);
  for (const char* name : {"new", "new/inner", "old"}) CHECK(world.info(name).st_mtim.tv_sec == kLongAgo);
  world.beginTree(preserve);
  CHECK(ok(world.make(folderEntry("old", 01777))));
  CHECK(world.finish().errors.empty());
  CHECK(world.mode("old") == 01777);
}

TEST_CASE("a folder that comes twice gets the mode that it would have got", "[file_sink]") {
  SinkWorld world;
  Umask mask(022);
  world.folder.makeFolder("old", 0500);
  world.beginTree();
  for (int round = 0; round < 2; ++round) {
    CHECK(ok(world.make(folderEntry("new", 0555))));
    CHECK(ok(world.make(folderEntry("old", 0777))));
  }
  CHECK(world.finish().errors.empty());
  CHECK(world.mode("new") == 0555);
  CHECK(world.mode("old") == 0500);
}

TEST_CASE("very many folders get their modes in parts", "[file_sink]") {
  SinkWorld world;
  Umask mask(022);
  world.beginTree();
  constexpr int kFolders = 2500;
  for (int i = 0; i < kFolders; ++i) CHECK(ok(world.make(folderEntry("d" + std::to_string(i), 0555))));
  CHECK_FALSE(world.finishSome(true).done);
  CHECK(world.finish().errors.empty());
  for (int i = 0; i < kFolders; ++i) CHECK(world.mode("d" + std::to_string(i)) == 0555);
}

TEST_CASE("a large file is written through its descriptor and put in its place at once", "[file_sink]") {
  SinkWorld world;
  world.folder.write("file", "old");
  world.beginTree([](auto options) { options.setFsync(true); });
  auto writing = world.create(fileEntry("file", 6));
  REQUIRE(ok(writing.error));
  CHECK(writing.kept == 0);
  writing.write("def", 3);
  writing.write("abc and what is too much", 0);
  writing.write("def", 3);
  CHECK(readFile(world.at("file")) == "old");
  CHECK(world.names().size() == 2);
  CHECK(ok(world.commit(writing, fileEntry("file", 6))));
  CHECK(readFile(world.at("file")) == "abcdef");
  CHECK(world.info("file").st_mtim.tv_sec == kLongAgo);
  CHECK(world.names() == Names{"file"});
  CHECK(world.finish().errors.empty());
}

TEST_CASE("what is there can be read", "[file_sink]") {
  SinkWorld world;
  world.folder.write("file", "content");
  world.link("file", "link");
  REQUIRE(mkfifo(world.at("fifo").c_str(), 0600) == 0);
  world.beginTree();
  auto existing = [&](const char* path) {
    auto request = world.sink.existingRequest();
    request.setPath(bytesOf(path));
    return request.send().wait(world.io.waitScope);
  };
  auto answer = existing("file");
  auto file = answer.getFile();
  char bytes[16];
  CHECK(pread(descriptorOf(world, file), bytes, sizeof(bytes), 0) == 7);
  for (const char* path : {"link", "fifo", "gone", "../x", ""}) {
    CHECK_FALSE(ok(decode(existing(path).getError())));
  }
}

TEST_CASE("a full disk is told as such, and nothing is left of the file", "[file_sink]") {
  SinkWorld world;
  world.folder.makeFolder("disk");
  test::SmallDisk disk(world.at("disk"), size_t{16} * 4096);
  if (!disk.mounted()) SKIP("needs root");
  REQUIRE(world.begin(world.at("disk"), folderEntry("")));
  Error error;
  for (int i = 0; i < 8 && error.reason != Reason::NO_SPACE; ++i) {
    error = world.put(fileEntry("file" + std::to_string(i)), std::string(32768, 'x'));
  }
  CHECK(error.reason == Reason::NO_SPACE);
  CHECK(error.detail.find("on this machine") != std::string::npos);
  for (const auto& name : world.names("disk")) CHECK(name.find(".cbs-") == std::string::npos);
}

TEST_CASE("thousands of files are looked at and put in one call", "[file_sink]") {
  SinkWorld world;
  world.beginTree(deletes);
  constexpr unsigned kFiles = 1000;
  auto look = world.sink.lookRequest();
  auto put = world.sink.putRequest();
  auto entries = look.initEntries(kFiles);
  auto files = put.initFiles(kFiles);
  for (unsigned i = 0; i < kFiles; ++i) {
    auto entry = fileEntry("f" + std::to_string(i));
    encode(entry, entries[i]);
    encode(entry, files[i].initEntry());
  }
  auto looked = look.send().wait(world.io.waitScope);
  for (auto standing : looked.getStandings()) CHECK_FALSE(standing.getPresent());
  auto done = put.send().wait(world.io.waitScope);
  for (auto error : done.getErrors()) CHECK(error.getKind() == ErrorKind::NONE);
  CHECK(world.names().size() == kFiles);
}

}  // namespace
}  // namespace cbs::cli
