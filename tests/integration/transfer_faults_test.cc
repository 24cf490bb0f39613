// Transfers that cannot be: what is said, and what is left as it was.
#include "tests/support/small_disk.h"
#include "tests/support/transfer_lab.h"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>

namespace cbs::test {
namespace {

namespace fs = std::filesystem;

TEST_CASE("what cannot be read or written is said, with 248, and nothing is left behind", "[transfer][faults]") {
  TransferLab lab;
  std::string here = lab.writeLocal("here", "content");
  auto noSource = lab.upload({lab.local("missing"), lab.web1("x")});
  CHECK(noSource.code == 248);
  CHECK(contains(noSource.err, "missing"));
  CHECK_FALSE(exists(lab.remote("x")));
  auto noFolder = lab.upload({here, "web1:/nonexistent/x"});
  CHECK(noFolder.code == 248);
  CHECK(contains(noFolder.err, "/nonexistent"));
  CHECK(lab.upload({here, "web1:/proc/x"}).code == 248);
  auto noRemote = lab.download({"web1:/nonexistent", lab.local("new")});
  CHECK(noRemote.code == 248);
  CHECK(contains(noRemote.err, "/nonexistent"));
  CHECK_FALSE(exists(lab.local("new")));
  CHECK(lab.download({"web1:/etc", lab.local("new")}).code == 248);
  CHECK(lab.download({"web1:/etc/passwd", "/nonexistent/x"}).code == 248);
}

TEST_CASE("of several sources that are all missing nothing is made", "[transfer][faults]") {
  TransferLab lab;
  auto up = lab.upload({lab.local("missing"), lab.local("gone"), lab.web1("into")});
  CHECK(up.code == 248);
  CHECK(contains(up.err, "missing"));
  CHECK_FALSE(exists(lab.remote("into")));
  auto down = lab.download({lab.web1("missing"), lab.web1("gone"), lab.local("into")});
  CHECK(down.code == 248);
  CHECK(contains(down.err, "missing"));
  CHECK_FALSE(exists(lab.local("into")));
}

TEST_CASE("one of several sources that is missing is said, and the others are moved", "[transfer][faults]") {
  TransferLab lab;
  lab.makeRemoteFolder("into");
  auto result =
      lab.upload({lab.writeLocal("one", "1"), lab.local("missing"), lab.writeLocal("two", "2"), lab.web1("into")});
  CHECK(result.code == 248);
  CHECK(contains(result.err, "missing"));
  CHECK(namesIn(lab.remote("into")) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a folder that may not be written to is said, and stays as it was", "[transfer][faults]") {
  TransferLab lab;
  for (size_t size : {7u, 300'000u}) {
    lab.exec("cd " + lab.sshd.remoteFolder() + " && mkdir -p closed && echo old > closed/there && chmod 0555 closed");
    auto result = lab.upload({lab.writeLocal("here", randomBytes(size)), lab.web1("closed/there")});
    CHECK(result.code == 248);
    CHECK(contains(result.err, "closed"));
    CHECK(readFile(lab.remote("closed/there")) == "old\n");
    CHECK(namesIn(lab.remote("closed")) == std::vector<std::string>{"there"});
    lab.exec("chmod 0755 " + lab.remote("closed"));
  }
}

TEST_CASE("a folder where a file should go, or the other way round, stays what it is", "[transfer][faults]") {
  TransferLab lab;
  lab.writeLocal("tree/name", "content");
  lab.writeRemote("file", "old");
  CHECK(lab.upload({"-r", lab.local("tree"), lab.web1("file")}).code == 248);
  CHECK(readFile(lab.remote("file")) == "old");
  CHECK(lab.upload({lab.local("tree/name"), lab.web1("missing/")}).code == 248);
  CHECK_FALSE(exists(lab.remote("missing")));
  CHECK(lab.upload({lab.local("tree/name"), lab.web1("file/")}).code == 248);
  lab.makeRemoteFolder("tree/name/inner");
  auto inTheWay = lab.upload({"-r", lab.local("tree"), lab.web1("")});
  CHECK(inTheWay.code == 248);
  CHECK(contains(inTheWay.err, "in the way"));
  CHECK_FALSE(contains(inTheWay.err, "with -r"));
  CHECK(exists(lab.remote("tree/name/inner")));
}

TEST_CASE("a download into a disk that is full says so, and leaves what was there", "[transfer][faults]") {
  if (geteuid() != 0) SKIP("needs root, to mount a small disk");
  TransferLab lab;
  fs::create_directory(lab.local("disk"));
  SmallDisk disk(lab.local("disk"), 1024 * 1024);
  REQUIRE(disk.mounted());
  lab.writeLocal("disk/large", "old");
  lab.writeRemote("large", randomBytes(5'000'000));
  auto result = lab.download({lab.web1("large"), lab.local("disk/large")});
  CAPTURE(result.err);
  CHECK(result.code == 248);
  CHECK(contains(result.err, "space"));
  CHECK_FALSE(contains(result.err, "web1:"));
  CHECK(readFile(lab.local("disk/large")) == "old");
  for (int i = 0; i < 40; ++i) lab.writeRemote("small/" + std::to_string(i), randomBytes(40'000));
  auto tree = lab.download({"-r", lab.web1("small"), lab.local("disk")});
  CHECK(tree.code == 248);
  CHECK(contains(tree.err, "space"));
  CHECK_FALSE(contains(tree.err, "web1:"));
  CHECK(partsIn(lab.local("disk/small")).empty());
}

TEST_CASE("an upload to a disk that is full says so, and leaves what was there", "[transfer][faults]") {
  if (geteuid() != 0) SKIP("needs root, to mount a small disk");
  TransferLab lab;
  lab.makeRemoteFolder("disk");
  SmallDisk disk(lab.remote("disk"), 1024 * 1024);
  REQUIRE(disk.mounted());
  lab.writeRemote("disk/large", "old");
  auto result = lab.upload({lab.writeLocal("large", randomBytes(5'000'000)), lab.web1("disk/large")});
  CAPTURE(result.err);
  CHECK(result.code == 248);
  CHECK(contains(result.err, "space"));
  CHECK(readFile(lab.remote("disk/large")) == "old");
  for (int i = 0; i < 40; ++i) lab.writeLocal("small/" + std::to_string(i), randomBytes(40'000));
  auto tree = lab.upload({"-r", lab.local("small"), lab.web1("disk")});
  CHECK(tree.code == 248);
  CHECK(contains(tree.err, "space"));
  CHECK(partsIn(lab.remote("disk/small")).empty());
}

TEST_CASE("a source that becomes shorter while it is read is said, and takes no one's place", "[transfer][faults]") {
  for (bool up : {true, false}) {
    CAPTURE(up);
    TransferLab lab;
    std::string from = up ? lab.writeLocal("from", randomBytes(40'000'000)) : lab.remote("from");
    if (!up) lab.writeRemote("from", randomBytes(40'000'000));
    std::string folder = up ? lab.sshd.remoteFolder() : lab.localFolder;
    FolderChanges changes(folder);
    auto process = up ? lab.startSlow("upload", from, lab.web1("to"))
                      : lab.startSlow("download", lab.web1("from"), lab.local("to"));
    changes.until([&] { return !partsIn(folder, "to").empty(); });
    fs::resize_file(from, 1'000'000);
    auto result = process.finish();
    CAPTURE(result.err);
    CHECK(result.code == 248);
    CHECK(contains(result.err, "from"));
    CHECK_FALSE(exists(folder + "/to"));
  }
}

TEST_CASE("a source that is deleted while it is read arrives whole or not at all", "[transfer][faults]") {
  TransferLab lab;
  std::string bytes = randomBytes(16'000'000);
  std::string from = lab.writeLocal("from", bytes);
  FolderChanges changes(lab.sshd.remoteFolder());
  auto process = lab.startSlow("upload", from, lab.web1("to"));
  changes.until([&] { return !partsIn(lab.sshd.remoteFolder(), "to").empty(); });
  fs::remove(from);
  auto result = process.finish();
  CAPTURE(result.err);
  if (result.code == 0) {
    CHECK(holds(lab.remote("to"), bytes));
  } else {
    CHECK(result.code == 248);
    CHECK_FALSE(exists(lab.remote("to")));
  }
}

TEST_CASE("a host that nobody can reach fails as a command's does", "[transfer][faults]") {
  TransferLab lab;
  std::string here = lab.writeLocal("here", "content");
  CHECK(lab.upload({here, "nobody-of-that-name@web1:x"}).code == 242);
  lab.sshd.kill();
  CHECK(lab.upload({here, lab.web1("x")}).code == 241);
  CHECK(lab.download({lab.web1("x"), lab.local("x")}).code == 241);
  CHECK_FALSE(exists(lab.local("x")));
}

TEST_CASE("no daemon is said, with 240", "[transfer][faults]") {
  TransferLab lab;
  lab.agent.kill();
  CHECK(lab.upload({lab.writeLocal("here", "content"), lab.web1("x")}).code == 240);
}

TEST_CASE("a failed entry is in the report, with its path and its reason", "[transfer][faults]") {
  TransferLab lab;
  lab.writeLocal("tree/good", "good");
  lab.writeLocal("tree/bad", "bad");
  lab.makeRemoteFolder("tree/bad/in the way");
  auto result = lab.upload({"-r", "--output", "json", lab.local("tree"), lab.web1("")});
  CAPTURE(result.out);
  CHECK(result.code == 248);
  CHECK(numberIn(result.out, "failed") == 1);
  CHECK(contains(result.out, "tree/bad"));
  CHECK(contains(result.out, "transferFailed"));
  CHECK(readFile(lab.remote("tree/good")) == "good");
}

}  // namespace
}  // namespace cbs::test
