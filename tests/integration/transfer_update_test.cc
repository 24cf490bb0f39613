// Trees that are there already: what is unchanged, excluded, deleted, or only looked at.
#include "tests/support/transfer_lab.h"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>

namespace cbs::test {
namespace {

namespace fs = std::filesystem;

struct UpdateLab : TransferLab {
  UpdateLab() {
    makeOddTree(local("tree"));
    REQUIRE(upload({"-r", local("tree/"), web1("there")}).code == 0);
  }
  CliResult again(std::vector<std::string> options = {}) const {
    options.insert(options.end(), {"-r", "--output", "json", local("tree/"), web1("there")});
    return upload(options);
  }
};

TEST_CASE("the second time nothing is moved, and then only what has changed", "[transfer][update]") {
  UpdateLab lab;
  auto same = lab.again().out;
  CAPTURE(same);
  CHECK(numberIn(same, "files") == 0);
  CHECK(numberIn(same, "bytes") == 0);
  CHECK(numberIn(same, "unchanged") > 20);
  lab.writeLocal("tree/run me", "other", 0755);
  auto changed = lab.again().out;
  CHECK(numberIn(changed, "files") == 1);
  CHECK(numberIn(changed, "bytes") == 5);
  CHECK(readFile(lab.remote("there/run me")) == "other");
}

TEST_CASE("a download does not fetch again what is here", "[transfer][update]") {
  UpdateLab lab;
  CHECK(lab.download({"-r", lab.web1("there/"), lab.local("back")}).code == 0);
  auto report = lab.download({"-r", "--output", "json", lab.web1("there/"), lab.local("back")}).out;
  CHECK(numberIn(report, "files") == 0);
  CHECK(numberIn(report, "unchanged") > 20);
}

TEST_CASE("with --checksum it sees a change that size and time do not show", "[transfer][update]") {
  UpdateLab lab;
  std::string file = lab.local("tree/a/b/c/d/e/f/deep");
  int64_t time = mtimeOf(file);
  writeFile(file, "DEEP");
  setMtime(file, time);
  CHECK(numberIn(lab.again().out, "files") == 0);
  CHECK(numberIn(lab.again({"--checksum"}).out, "files") == 1);
  CHECK(readFile(lab.remote("there/a/b/c/d/e/f/deep")) == "DEEP");
  // Nor is a file moved whose time alone is another.
  setMtime(file, time + 1000);
  CHECK(numberIn(lab.again({"-c"}).out, "files") == 0);
}

TEST_CASE("what is excluded is neither moved nor deleted", "[transfer][update]") {
  TransferLab lab;
  for (const std::string& file : {"a.o", "a.c", "build/x", "sub/build/y", "sub/b.o", "sub/b.c"}) {
    lab.writeLocal("tree/" + file, file);
  }
  lab.makeRemoteFolder("there/build");
  lab.writeRemote("there/build/kept", "kept");
  lab.writeRemote("there/extra", "extra");
  auto result =
      lab.upload({"-r", "--delete", "--exclude", "*.o", "--exclude", "build/", lab.local("tree/"), lab.web1("there")});
  CAPTURE(result.err);
  CHECK(result.code == 0);
  CHECK(namesIn(lab.remote("there")) == std::vector<std::string>{"a.c", "build", "sub"});
  CHECK(namesIn(lab.remote("there/build")) == std::vector<std::string>{"kept"});
  CHECK(namesIn(lab.remote("there/sub")) == std::vector<std::string>{"b.c"});
}

TEST_CASE("with --delete it removes what the source does not have, in the tree and nowhere else",
          "[transfer][update]") {
  TransferLab lab;
  lab.writeLocal("tree/file", "content");
  lab.exec("cd " + lab.sshd.remoteFolder() + " && mkdir -p into/tree/old/deep outside && touch into/beside" +
           " into/tree/old/deep/gone outside/spared && ln -s ../../outside into/tree/link");
  auto result = lab.upload({"-r", "--delete", "--output", "json", lab.local("tree"), lab.web1("into")});
  CAPTURE(result.err);
  CHECK(result.code == 0);
  CHECK(numberIn(result.out, "deleted") >= 2);
  CHECK(namesIn(lab.remote("into/tree")) == std::vector<std::string>{"file"});
  CHECK(exists(lab.remote("into/beside")));
  CHECK(exists(lab.remote("outside/spared")));

  lab.writeLocal("back/extra", "extra");
  CHECK(lab.download({"-r", "--delete", lab.web1("into/tree/"), lab.local("back")}).code == 0);
  CHECK(namesIn(lab.local("back")) == std::vector<std::string>{"file"});
}

TEST_CASE("with --delete it removes nothing when the source could not be read as a whole", "[transfer][update]") {
  TransferLab lab;
  lab.exec("cd " + lab.sshd.remoteFolder() + " && mkdir -p tree/closed && touch tree/file && chmod 0 tree/closed");
  lab.writeLocal("back/extra", "extra");
  CHECK(lab.download({"-r", "--delete", lab.web1("tree/"), lab.local("back")}).code == 248);
  CHECK(exists(lab.local("back/extra")));
  CHECK(exists(lab.local("back/file")));
  lab.exec("chmod 700 " + lab.remote("tree/closed"));
}

TEST_CASE("with --delete it leaves what is in a folder that stands where a file goes", "[transfer][update]") {
  TransferLab lab;
  for (bool up : {true, false}) {
    CAPTURE(up);
    lab.writeLocal(up ? "from/name" : "to/name/precious", "content");
    lab.makeRemoteFolder(up ? "to/name" : "from");
    lab.writeRemote(up ? "to/name/precious" : "from/name", "content");
    auto result = up ? lab.upload({"-r", "--delete", lab.local("from/"), lab.web1("to")})
                     : lab.download({"-r", "--delete", lab.web1("from/"), lab.local("to")});
    CAPTURE(result.err);
    CHECK(result.code == 248);
    CHECK(contains(result.err, "in the way"));
    CHECK(exists((up ? lab.remote("to") : lab.local("to")) + "/name/precious"));
  }
}

TEST_CASE("a dry run says what would be done, and does nothing", "[transfer][update]") {
  UpdateLab lab;
  lab.writeLocal("tree/brand new", "new");
  lab.writeLocal("tree/run me", "changed", 0755);
  lab.exec("touch " + lab.remote("there/superfluous"));
  auto before = treeOf(lab.remote("there"));
  auto result = lab.upload({"-r", "-n", "--delete", lab.local("tree/"), lab.web1("there")});
  CAPTURE(result.err);
  CHECK(result.code == 0);
  for (const char* name : {"brand new", "run me", "superfluous"}) CHECK(contains(result.out, name));
  CHECK_FALSE(contains(result.out, "read only"));
  CHECK(treeOf(lab.remote("there")) == before);

  CHECK(lab.upload({"-r", "-n", lab.local("tree"), lab.web1("new")}).code == 0);
  CHECK_FALSE(exists(lab.remote("new")));
  CHECK(lab.download({"-r", "-n", lab.web1("there"), lab.local("back")}).code == 0);
  CHECK_FALSE(exists(lab.local("back")));
}

TEST_CASE("a folder whose mode forbids writing is filled, and keeps that mode", "[transfer][update]") {
  TransferLab lab;
  lab.writeLocal("tree/closed/file", "content");
  fs::permissions(lab.local("tree/closed"), fs::perms(0555));
  for (int run = 0; run < 2; ++run) {
    CHECK(lab.upload({"-r", "-p", lab.local("tree"), lab.web1("")}).code == 0);
    CHECK(holds(lab.remote("tree/closed/file"), readFile(lab.local("tree/closed/file"))));
    CHECK(modeOf(lab.remote("tree/closed")) == 0555);
    lab.writeLocal("tree/closed/file", "more content");
  }
  lab.exec("chmod -R u+w " + lab.remote("tree"));
  fs::permissions(lab.local("tree/closed"), fs::perms(0755));
}

TEST_CASE("a link that stands where a folder goes leads nothing elsewhere", "[transfer][update]") {
  TransferLab lab;
  lab.writeLocal("tree/sub/file", "content");
  lab.makeRemoteFolder("elsewhere");
  lab.makeRemoteFolder("tree");
  lab.exec("ln -s ../elsewhere " + lab.remote("tree/sub"));
  auto result = lab.upload({"-r", lab.local("tree"), lab.web1("")});
  CAPTURE(result.err);
  CHECK(result.code == 248);
  CHECK(contains(result.err, "in the way"));
  CHECK(namesIn(lab.remote("elsewhere")).empty());
  CHECK(isLink(lab.remote("tree/sub")));

  fs::create_directories(lab.local("elsewhere"));
  fs::create_directories(lab.local("back"));
  fs::create_symlink("../elsewhere", lab.local("back/sub"));
  lab.makeRemoteFolder("from/sub");
  lab.writeRemote("from/sub/file", "content");
  auto down = lab.download({"-r", lab.web1("from/"), lab.local("back")});
  CAPTURE(down.err);
  CHECK(down.code == 248);
  CHECK(contains(down.err, "in the way"));
  CHECK(namesIn(lab.local("elsewhere")).empty());
}

TEST_CASE("a link that stands where a file goes is replaced, not written through", "[transfer][update]") {
  TransferLab lab;
  lab.writeLocal("tree/small", "small");
  lab.writeLocal("tree/large", randomBytes(200'000));
  lab.makeRemoteFolder("tree");
  lab.writeRemote("victim", "untouched");
  lab.exec("cd " + lab.remote("tree") + " && ln -s ../victim small && ln -s ../victim large");
  CHECK(lab.upload({"-r", lab.local("tree"), lab.web1("")}).code == 0);
  CHECK(readFile(lab.remote("victim")) == "untouched");
  CHECK(readFile(lab.remote("tree/small")) == "small");
  CHECK(holds(lab.remote("tree/large"), readFile(lab.local("tree/large"))));
}

}  // namespace
}  // namespace cbs::test
