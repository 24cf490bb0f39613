// Transfers that are cut off, and gone on with.
#include "tests/support/transfer_lab.h"

#include <signal.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>

namespace cbs::test {
namespace {

constexpr size_t kSize = 40'000'000;
constexpr uint64_t kEnough = 12'000'000;  // of a part, for some of it to be of use

// A transfer of a large file that has come some way.
struct Interrupted : TransferLab {
  explicit Interrupted(bool up, SshdOptions options = {}) : TransferLab(std::move(options)), up(up) {
    if (up) {
      writeLocal("large", bytes);
      writeRemote("large.there", "old");
    } else {
      writeRemote("large.there", bytes);
      writeLocal("large", "old");
    }
    FolderChanges changes(folder());
    process.emplace_back(startSlow(command(), from(), to()));
    changes.until([&] { return !parts().empty() && writtenOf(parts()[0]) >= kEnough; });
  }

  std::string command() const { return up ? "upload" : "download"; }
  std::string from() const { return up ? local("large") : web1("large.there"); }
  std::string to() const { return up ? web1("large.there") : local("large"); }
  std::string folder() const { return up ? sshd.remoteFolder() : localFolder; }
  std::string target() const { return up ? remote("large.there") : local("large"); }
  std::vector<std::string> parts() const { return partsIn(folder(), up ? "large.there" : "large"); }

  // Goes on with what is there: most of it need not come again, and it is right in the end.
  void checkResumes() {
    CHECK(readFile(target()) == "old");
    REQUIRE(parts().size() == 1);
    auto result = agent.cli({command(), "--resume", "--output", "json", from(), to()}, "", 6 * kSoon);
    CAPTURE(result.err, result.out);
    CHECK(result.code == 0);
    CHECK(numberIn(result.out, "resumedBytes") > 0);
    CHECK(holds(target(), bytes));
    CHECK(parts().empty());
  }

  bool up;
  std::string bytes = randomBytes(kSize);
  std::vector<CliProcess> process;  // one
};

TEST_CASE("a transfer whose daemon is killed is gone on with by the next", "[transfer][resume]") {
  for (bool up : {true, false}) {
    CAPTURE(up);
    Interrupted lab(up);
    lab.agent.kill();
    CHECK(lab.process[0].finish().code != 0);
    lab.agent.start();
    lab.checkResumes();
  }
}

TEST_CASE("a transfer whose CLI is killed leaves a part that the next goes on with", "[transfer][resume]") {
  for (bool up : {true, false}) {
    CAPTURE(up);
    Interrupted lab(up);
    lab.process[0].signal(SIGKILL);
    lab.process[0].finish();
    lab.checkResumes();
    CHECK(lab.exec("echo fine").out == "fine\n");
  }
}

TEST_CASE("a transfer whose host is lost fails, says how to go on, and does", "[transfer][resume]") {
  for (bool up : {true, false}) {
    CAPTURE(up);
    Interrupted lab(up);
    lab.sshd.kill();
    auto result = lab.process[0].finish();
    CAPTURE(result.err);
    CHECK(result.code == 248);
    CHECK(contains(result.err, "cbsession: web1: the connection was lost"));
    CHECK_FALSE(contains(result.err, "the command"));
    CHECK(contains(result.err, "Next: the same command with --resume"));
    lab.sshd.restart();
    lab.checkResumes();
  }
}

TEST_CASE("Ctrl-C leaves a part, says how to go on, and ends with 246", "[transfer][resume]") {
  for (bool up : {true, false}) {
    CAPTURE(up);
    Interrupted lab(up);
    lab.process[0].signal(SIGINT);
    auto result = lab.process[0].finish();
    CAPTURE(result.err);
    CHECK(result.code == 246);
    CHECK(contains(result.err, "--resume"));
    REQUIRE(lab.parts().size() == 1);
    CHECK(contains(result.err, std::filesystem::path(lab.parts()[0]).filename().string()));
    lab.checkResumes();
  }
}

TEST_CASE("a part that was tampered with is repaired", "[transfer][resume]") {
  for (bool up : {true, false}) {
    CAPTURE(up);
    Interrupted lab(up);
    lab.process[0].signal(SIGTERM);
    lab.process[0].finish();
    REQUIRE(lab.parts().size() == 1);
    std::fstream part(lab.parts()[0], std::ios::in | std::ios::out | std::ios::binary);
    part.seekp(1'000'000);
    part << "something that does not belong here";
    part.close();
    lab.checkResumes();
  }
}

TEST_CASE("a part that is longer than the file, or of another one, does no harm", "[transfer][resume]") {
  TransferLab lab;
  std::string bytes = randomBytes(3'000'000);
  std::string here = lab.writeLocal("here", bytes);
  lab.writeRemote(".there.cbs-abcdefgh", randomBytes(9'000'000, 9));
  auto result = lab.upload({"--resume", here, lab.web1("there")});
  CAPTURE(result.err);
  CHECK(result.code == 0);
  CHECK(holds(lab.remote("there"), bytes));
}

TEST_CASE("what stands under a part's name and is no file is left alone", "[transfer][resume]") {
  TransferLab lab;
  std::string here = lab.writeLocal("here", randomBytes(3'000'000));
  lab.writeRemote("victim", std::string(2'000'000, 'v'));
  lab.exec("ln -s victim " + lab.remote(".there.cbs-abcdefgh"));
  CHECK(lab.upload({"--resume", here, lab.web1("there")}).code == 0);
  CHECK(holds(lab.remote("there"), readFile(here)));
  CHECK(holds(lab.remote("victim"), std::string(2'000'000, 'v')));
}

TEST_CASE("without --resume a part is neither used nor touched", "[transfer][resume]") {
  TransferLab lab;
  std::string bytes = randomBytes(3'000'000);
  std::string here = lab.writeLocal("here", bytes);
  std::string part = lab.writeRemote(".there.cbs-abcdefgh", bytes.substr(0, 2'000'000));
  auto result = lab.upload({"--output", "json", here, lab.web1("there")});
  CHECK(result.code == 0);
  CHECK(numberIn(result.out, "resumedBytes") == 0);
  CHECK(holds(lab.remote("there"), bytes));
  CHECK(holds(part, bytes.substr(0, 2'000'000)));
}

TEST_CASE("a tree that is cut off is gone on with where it was", "[transfer][resume]") {
  TransferLab lab;
  makeOddTree(lab.local("tree"));
  lab.writeLocal("tree/zz large", randomBytes(kSize));
  lab.makeRemoteFolder("there");
  FolderChanges changes(lab.remote("there"));
  auto process = lab.agent.startCli({"upload", "-r", "--limit-rate", "8M", lab.local("tree/"), lab.web1("there")});
  auto parts = [&] { return partsIn(lab.remote("there"), "zz large"); };
  changes.until([&] { return !parts().empty() && writtenOf(parts()[0]) >= kEnough; });
  process.signal(SIGINT);
  CHECK(process.finish().code == 246);
  auto result = lab.upload({"-r", "--resume", "--output", "json", lab.local("tree/"), lab.web1("there")});
  CAPTURE(result.err);
  CHECK(result.code == 0);
  CHECK(numberIn(result.out, "resumedBytes") > 0);
  CHECK(treeOf(lab.remote("there"), {.modes = false}) == treeOf(lab.local("tree"), {.modes = false}));
}

TEST_CASE("small files that are cut off leave nothing behind", "[transfer][resume]") {
  TransferLab lab;
  for (int i = 0; i < 400; ++i) lab.writeLocal("tree/" + std::to_string(i), randomBytes(50'000));
  lab.makeRemoteFolder("there");
  FolderChanges changes(lab.remote("there"));
  auto process = lab.agent.startCli({"upload", "-r", "--limit-rate", "4M", lab.local("tree/"), lab.web1("there")});
  changes.until([&] { return namesIn(lab.remote("there")).size() > 20; });
  process.signal(SIGINT);
  CHECK(process.finish().code == 246);
  CHECK(partsIn(lab.remote("there")).empty());
  CHECK(lab.upload({"-r", lab.local("tree/"), lab.web1("there")}).code == 0);
  CHECK(treeOf(lab.remote("there")) == treeOf(lab.local("tree")));
}

TEST_CASE("a server that runs no commands lets --resume and --verify read back instead", "[transfer][resume]") {
  Interrupted lab(true, {.lines = {"ForceCommand internal-sftp"}});
  lab.process[0].signal(SIGINT);
  lab.process[0].finish();
  lab.checkResumes();
  auto verified = lab.upload({"--verify", lab.from(), lab.to()});
  CAPTURE(verified.err);
  CHECK(verified.code == 0);
  CHECK(contains(verified.out, "verified"));
}

}  // namespace
}  // namespace cbs::test
