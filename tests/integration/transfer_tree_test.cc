// Trees, to a host and back.
#include "tests/support/transfer_lab.h"

#include <sys/stat.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>

namespace cbs::test {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a tree of odd names, modes, times and links comes to the host and back as it was", "[transfer][tree]") {
  TransferLab lab;
  makeOddTree(lab.local("tree"));
  auto up = lab.upload({"-r", "-p", lab.local("tree"), lab.web1("")});
  CAPTURE(up.err);
  CHECK(up.code == 0);
  CHECK(treeOf(lab.remote("tree")) == treeOf(lab.local("tree")));
  auto down = lab.download({"-r", "-p", lab.web1("tree"), lab.local("back")});
  CAPTURE(down.err);
  CHECK(down.code == 0);
  CHECK(treeOf(lab.local("back")) == treeOf(lab.local("tree")));
  CHECK(partsIn(lab.sshd.remoteFolder()).empty());
}

TEST_CASE("without --preserve a tree keeps its times, and its modes as far as the umask lets it", "[transfer][tree]") {
  TransferLab lab;
  std::string run = lab.writeLocal("tree/sub/run", "x", 0777);
  setMtime(run, 1'000'000'000);
  setMtime(lab.local("tree/sub"), 1'100'000'000);
  CHECK(lab.upload({"-r", lab.local("tree"), lab.web1("")}).code == 0);
  CHECK(mtimeOf(lab.remote("tree/sub/run")) == 1'000'000'000);
  CHECK(mtimeOf(lab.remote("tree/sub")) == 1'100'000'000);
  std::string umask = lab.exec("umask").out;
  CHECK(modeOf(lab.remote("tree/sub/run")) == (0777 & ~std::stoul(umask, nullptr, 8)));
}

TEST_CASE("a folder goes under its name into one that is there, and becomes one that is not", "[transfer][tree]") {
  TransferLab lab;
  lab.writeLocal("tree/file", "content");
  lab.makeRemoteFolder("there");
  CHECK(lab.upload({"-r", lab.local("tree"), lab.web1("there")}).code == 0);
  CHECK(lab.upload({"-r", lab.local("tree"), lab.web1("new")}).code == 0);
  CHECK(lab.upload({"-r", lab.local("tree"), lab.web1("made/")}).code == 0);
  CHECK(readFile(lab.remote("there/tree/file")) == "content");
  CHECK(readFile(lab.remote("new/file")) == "content");
  CHECK(readFile(lab.remote("made/tree/file")) == "content");
  CHECK(lab.download({"-r", lab.web1("there"), lab.localFolder}).code == 0);
  CHECK(lab.download({"-r", lab.web1("there"), lab.local("new")}).code == 0);
  CHECK(readFile(lab.local("there/tree/file")) == "content");
  CHECK(readFile(lab.local("new/tree/file")) == "content");
}

TEST_CASE("a slash at the end asks for the contents alone", "[transfer][tree]") {
  TransferLab lab;
  lab.writeLocal("tree/file", "content");
  lab.makeRemoteFolder("there");
  CHECK(lab.upload({"-r", lab.local("tree/"), lab.web1("there")}).code == 0);
  CHECK(lab.upload({"-r", lab.local("tree/."), lab.web1("new")}).code == 0);
  CHECK(readFile(lab.remote("there/file")) == "content");
  CHECK(readFile(lab.remote("new/file")) == "content");
  CHECK(lab.download({"-r", lab.web1("there/"), lab.local("back")}).code == 0);
  CHECK(readFile(lab.local("back/file")) == "content");
}

TEST_CASE("several files and folders go into one folder", "[transfer][tree]") {
  TransferLab lab;
  lab.writeLocal("tree/file", "in tree");
  std::string one = lab.writeLocal("one", "1");
  std::string two = lab.writeLocal("two", "2");
  CHECK(lab.upload({"-r", one, lab.local("tree"), two, lab.web1("into")}).code == 0);
  CHECK(namesIn(lab.remote("into")) == std::vector<std::string>{"one", "tree", "two"});
  CHECK(lab.download({"-r", lab.web1("into/one"), lab.web1("into/tree"), lab.local("back")}).code == 0);
  CHECK(readFile(lab.local("back/one")) == "1");
  CHECK(readFile(lab.local("back/tree/file")) == "in tree");
}

TEST_CASE("patterns are expanded on the host, and one that matches nothing is said", "[transfer][tree]") {
  TransferLab lab;
  lab.makeRemoteFolder("logs");
  for (const std::string& name : {"a1.log", "a2.log", "b.log", "a.txt", ".hidden.log"}) {
    lab.writeRemote("logs/" + name, name);
  }
  fs::create_directory(lab.local("into"));
  CHECK(lab.download({lab.web1("logs/a?.l[o]g"), lab.local("into")}).code == 0);
  CHECK(namesIn(lab.local("into")) == std::vector<std::string>{"a1.log", "a2.log"});
  CHECK(lab.download({lab.web1("l*s/*.log"), lab.local("into")}).code == 0);
  CHECK(namesIn(lab.local("into")) == std::vector<std::string>{"a1.log", "a2.log", "b.log"});
  auto nothing = lab.download({lab.web1("logs/*.none"), lab.local("into")});
  CHECK(nothing.code == 248);
  CHECK(contains(nothing.err, "*.none"));
}

TEST_CASE("links in a tree stay links, and -L brings what they lead to", "[transfer][tree]") {
  TransferLab lab;
  lab.writeLocal("elsewhere/inner", "inner");
  std::string outside = lab.writeLocal("outside", "outside");
  lab.writeLocal("tree/plain", "plain");
  fs::create_symlink(outside, lab.local("tree/to file"));
  fs::create_symlink(lab.local("elsewhere"), lab.local("tree/to folder"));
  CHECK(lab.upload({"-r", lab.local("tree"), lab.web1("kept")}).code == 0);
  CHECK(fs::read_symlink(lab.remote("kept/to file")) == outside);
  CHECK(fs::read_symlink(lab.remote("kept/to folder")) == lab.local("elsewhere"));
  CHECK(lab.upload({"-r", "-L", lab.local("tree"), lab.web1("followed")}).code == 0);
  CHECK_FALSE(isLink(lab.remote("followed/to file")));
  CHECK(readFile(lab.remote("followed/to file")) == "outside");
  CHECK(readFile(lab.remote("followed/to folder/inner")) == "inner");
  CHECK(lab.download({"-r", "-L", lab.web1("kept"), lab.local("back")}).code == 0);
  CHECK_FALSE(isLink(lab.local("back/to folder")));
  CHECK(readFile(lab.local("back/to folder/inner")) == "inner");
}

TEST_CASE("with -L a circle of links and one to nowhere are said, and the rest is moved", "[transfer][tree]") {
  TransferLab lab;
  lab.writeLocal("tree/sub/plain", "plain");
  fs::create_symlink("..", lab.local("tree/sub/circle"));
  fs::create_symlink("nowhere", lab.local("tree/lost"));
  auto result = lab.upload({"-r", "-L", lab.local("tree"), lab.web1("")});
  CAPTURE(result.err);
  CHECK(result.code == 248);
  CHECK(contains(result.err, "circle"));
  CHECK(readFile(lab.remote("tree/sub/plain")) == "plain");
}

TEST_CASE("two names of one file are two names of one file on the host", "[transfer][tree]") {
  TransferLab lab;
  lab.writeLocal("tree/first", randomBytes(200'000));
  fs::create_hard_link(lab.local("tree/first"), lab.local("tree/second"));
  CHECK(lab.upload({"-r", lab.local("tree"), lab.web1("")}).code == 0);
  CHECK(holds(lab.remote("tree/second"), readFile(lab.local("tree/first"))));
  CHECK(inodeOf(lab.remote("tree/first")) == inodeOf(lab.remote("tree/second")));
}

TEST_CASE("a named pipe is left out with a word, whichever side it is on", "[transfer][tree]") {
  TransferLab lab;
  lab.writeLocal("tree/file", "content");
  REQUIRE(mkfifo(lab.local("tree/pipe").c_str(), 0666) == 0);
  auto up = lab.upload({"-r", lab.local("tree"), lab.web1("")});
  CHECK(up.code == 0);
  CHECK(contains(up.err, "pipe"));
  CHECK(namesIn(lab.remote("tree")) == std::vector<std::string>{"file"});
  lab.exec("mkfifo '" + lab.remote("tree/other pipe") + "'");
  auto down = lab.download({"-r", lab.web1("tree"), lab.local("back")});
  CHECK(down.code == 0);
  CHECK(contains(down.err, "other pipe"));
  CHECK(namesIn(lab.local("back")) == std::vector<std::string>{"file"});
  auto alone = lab.upload({lab.local("tree/pipe"), lab.web1("alone")});
  CHECK(alone.code == 0);
  CHECK(contains(alone.err, "skipped: pipe"));
  CHECK_FALSE(exists(lab.remote("alone")));
}

TEST_CASE("a folder without -r is said, with what to do, and other files are moved", "[transfer][tree]") {
  TransferLab lab;
  lab.writeLocal("tree/file", "content");
  lab.makeRemoteFolder("into");
  auto result = lab.upload({lab.local("tree"), lab.writeLocal("file", "content"), lab.web1("into")});
  CHECK(result.code == 248);
  CHECK(contains(result.err, "tree"));
  CHECK(contains(result.err, "-r"));
  CHECK(namesIn(lab.remote("into")) == std::vector<std::string>{"file"});
  CHECK(lab.download({lab.web1("into"), lab.local("back")}).code == 248);
  CHECK_FALSE(exists(lab.local("back")));
}

TEST_CASE("what of a tree cannot be read is said, and the rest is moved", "[transfer][tree]") {
  TransferLab lab;
  lab.exec("cd " + lab.sshd.remoteFolder() +
           " && mkdir -p tree/closed && touch tree/open tree/secret && chmod 0 tree/closed tree/secret");
  auto result = lab.download({"-r", lab.web1("tree"), lab.local("back")});
  CAPTURE(result.err);
  CHECK(result.code == 248);
  CHECK(contains(result.err, "closed"));
  CHECK(contains(result.err, "secret"));
  CHECK(exists(lab.local("back/open")));
  CHECK_FALSE(exists(lab.local("back/secret")));
  lab.exec("chmod 700 " + lab.remote("tree/closed"));
}

TEST_CASE("with --verify a tree gives a receipt that sha256sum accepts in the folder", "[transfer][tree]") {
  TransferLab lab;
  makeOddTree(lab.local("tree"));
  auto up = lab.upload({"-r", "--verify", lab.local("tree/"), lab.web1("there")});
  CHECK(up.code == 0);
  std::string receipt = lab.writeLocal("receipt", up.out);
  std::string checked = runProgram({"sh", "-c", "cd \"$0\" && sha256sum -c \"$1\"", lab.remote("there"), receipt});
  CHECK(count(checked, ": OK\n") ==
        std::stoul(runProgram({"sh", "-c", "find \"$0\" -type f -printf x | wc -c", lab.local("tree")})));
}

TEST_CASE("thousands of files in many folders come to the host and back", "[transfer][tree]") {
#if __has_feature(address_sanitizer)
  constexpr int kFolders = 20;
#else
  constexpr int kFolders = 100;
#endif
  TransferLab lab;
  for (int i = 0; i < kFolders * 100; ++i) {
    std::string number = std::to_string(i);
    lab.writeLocal("many/" + std::to_string(i % kFolders) + "/" + number, number);
  }
  auto up = lab.upload({"-r", "--output", "json", lab.local("many"), lab.web1("")});
  CAPTURE(up.err);
  CHECK(up.code == 0);
  CHECK(numberIn(up.out, "files") == kFolders * 100);
  auto down = lab.download({"-r", "--output", "json", lab.web1("many"), lab.local("back")});
  CAPTURE(down.err);
  CHECK(down.code == 0);
  CHECK(numberIn(down.out, "files") == kFolders * 100);
  CHECK(treeOf(lab.local("back")) == treeOf(lab.local("many")));
}

TEST_CASE("a hundred thousand files in one folder come over, and are unchanged the next time",
          "[transfer][tree][.slow]") {
  constexpr int kFiles = 100'000;
  TransferLab lab;
  fs::create_directory(lab.local("many"));
  for (int i = 0; i < kFiles; ++i) lab.writeLocal("many/" + std::to_string(i), std::to_string(i));
  auto first = lab.upload({"-r", "--output", "json", lab.local("many"), lab.web1("")});
  CHECK(first.code == 0);
  CHECK(numberIn(first.out, "files") == kFiles);
  auto second = lab.upload({"-r", "--output", "json", lab.local("many"), lab.web1("")});
  CHECK(numberIn(second.out, "unchanged") == kFiles);
  CHECK(treeOf(lab.remote("many")) == treeOf(lab.local("many")));
}

}  // namespace
}  // namespace cbs::test
