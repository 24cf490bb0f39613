// Transfers with servers of all sorts: without a shell, without extensions, with small limits, far away.
#include "tests/support/delaying_proxy.h"
#include "tests/support/odd_sftp.h"
#include "tests/support/transfer_lab.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

// A file and a tree go there and come back, as they were.
void checkRoundTrip(const TransferLab& lab, bool verify = true) {
  std::string large = lab.writeLocal("large", randomBytes(10'000'000));
  makeOddTree(lab.local("tree"));
  std::vector<std::string> options = {"-r", "-p", large, lab.local("tree")};
  if (verify) options.insert(options.begin(), "--verify");
  options.push_back(lab.web1("into"));
  auto up = lab.upload(options);
  CAPTURE(up.err);
  CHECK(up.code == 0);
  CHECK(holds(lab.remote("into/large"), readFile(large)));
  CHECK(treeOf(lab.remote("into/tree")) == treeOf(lab.local("tree")));
  auto down = lab.download({"-r", "-p", "--verify", lab.web1("into/"), lab.local("back")});
  CAPTURE(down.err);
  CHECK(down.code == 0);
  CHECK(treeOf(lab.local("back")) == treeOf(lab.remote("into")));
}

SshdOptions sftpOf(const OddSftp& server) {
  SshdOptions options;
  options.sftp = server.command();
  return options;
}

TEST_CASE("OpenSSH as it comes, with ten sessions a connection", "[transfer][servers]") {
  checkRoundTrip(TransferLab({.limits = SshdOptions::Limits::kDefaults}));
}

TEST_CASE("one session a connection", "[transfer][servers]") {
  checkRoundTrip(TransferLab({.lines = {"MaxSessions 1"}}));
}

TEST_CASE("new keys for every megabyte", "[transfer][servers]") {
  checkRoundTrip(TransferLab({.lines = {"RekeyLimit 1M"}}));
}

TEST_CASE("no shell, only SFTP", "[transfer][servers]") {
  checkRoundTrip(TransferLab({.lines = {"ForceCommand internal-sftp"}}));
}

TEST_CASE("an SFTP server that is a program", "[transfer][servers]") {
  OddSftp server;
  checkRoundTrip(TransferLab(sftpOf(server)));
}

TEST_CASE("an SFTP server without extensions replaces files all the same", "[transfer][servers]") {
  OddSftp server({"--no-extensions"});
  TransferLab lab(sftpOf(server));
  checkRoundTrip(lab);
  for (size_t size : {7u, 300'000u}) {
    lab.writeRemote("there", "old");
    CHECK(lab.upload({lab.writeLocal("here", randomBytes(size)), lab.web1("there")}).code == 0);
    CHECK(holds(lab.remote("there"), randomBytes(size)));
  }
}

TEST_CASE("an SFTP server that cannot rename over what is there replaces files all the same", "[transfer][servers]") {
  SshdOptions options;
  options.sftp = "internal-sftp -P posix-rename,hardlink,statvfs,fsync";
  TransferLab lab(options);
  checkRoundTrip(lab);
  lab.writeRemote("there", "old");
  CHECK(lab.upload({lab.writeLocal("here", "new"), lab.web1("there")}).code == 0);
  CHECK(readFile(lab.remote("there")) == "new");
}

TEST_CASE("an SFTP server that lets nobody write is said", "[transfer][servers]") {
  SshdOptions options;
  options.sftp = "internal-sftp -R";
  TransferLab lab(options);
  lab.writeRemote("there", "old");
  for (size_t size : {7u, 300'000u}) {
    CHECK(lab.upload({lab.writeLocal("here", randomBytes(size)), lab.web1("there")}).code == 248);
    CHECK(readFile(lab.remote("there")) == "old");
  }
  CHECK(lab.download({lab.web1("there"), lab.local("back")}).code == 0);
}

TEST_CASE("an SFTP server that takes no long messages, and answers with short ones", "[transfer][servers]") {
  OddSftp server({"--no-extensions", "--packet-limit", "32768", "--read-limit", "10000"});
  checkRoundTrip(TransferLab(sftpOf(server)));
}

TEST_CASE("an SFTP server that answers out of order", "[transfer][servers]") {
  OddSftp server({"--shuffle"});
  checkRoundTrip(TransferLab(sftpOf(server)));
}

TEST_CASE("an SFTP server that ends in the middle of a file", "[transfer][servers]") {
  OddSftp server({"--end-after", "3000000"});
  TransferLab lab(sftpOf(server));
  lab.writeRemote("there", "old");
  auto up = lab.upload({"--streams", "1", lab.writeLocal("here", randomBytes(9'000'000)), lab.web1("there")});
  CAPTURE(up.err);
  CHECK(up.code >= 241);
  CHECK(readFile(lab.remote("there")) == "old");
  lab.writeRemote("from", randomBytes(9'000'000));
  auto down = lab.download({"--streams", "1", lab.web1("from"), lab.local("back")});
  CAPTURE(down.err);
  CHECK(down.code >= 241);
  CHECK_FALSE(exists(lab.local("back")));
  CHECK(lab.exec("echo fine").out == "fine\n");
}

TEST_CASE("an SFTP server that can write no more fails the file, which stays as it was", "[transfer][servers]") {
  OddSftp server({"--no-extensions", "--fail-after", "500000"});
  TransferLab lab(sftpOf(server));
  lab.writeRemote("there", "old");
  // Each session of the server's counts for itself.
  auto result = lab.upload({"--streams", "1", lab.writeLocal("here", randomBytes(900'000)), lab.web1("there")});
  CAPTURE(result.err);
  CHECK(result.code == 248);
  CHECK(readFile(lab.remote("there")) == "old");
  CHECK(namesIn(lab.sshd.remoteFolder()) == std::vector<std::string>{"there"});
}

TEST_CASE("a server without SFTP is said, and still runs commands", "[transfer][servers]") {
  SshdOptions options;
  options.sftp = "";
  TransferLab lab(options);
  auto result = lab.upload({lab.writeLocal("here", "content"), lab.web1("there")});
  CHECK(result.code == 248);
  CHECK(contains(result.err, "SFTP"));
  CHECK(lab.agent.cli({"ls", lab.web1("")}).code == 248);
  CHECK(lab.exec("echo fine").out == "fine\n");
}

TEST_CASE("a server that is far away gets several streams for a large file", "[transfer][servers]") {
  TransferLab lab;
  DelayingProxy proxy(lab.sshd.address(), lab.sshd.port(), std::chrono::milliseconds(25));
  lab.agent.addHostAt(proxy.port(), "far", lab.sshd);
  std::string here = lab.writeLocal("here", randomBytes(64'000'000));
  auto result = lab.upload({"--output", "json", here, "far:" + lab.remote("there")});
  CAPTURE(result.out, result.err);
  CHECK(result.code == 0);
  CHECK(numberIn(result.out, "streams") > 1);
  CHECK(holds(lab.remote("there"), readFile(here)));
  auto one = lab.upload({"--streams", "1", "--output", "json", here, "far:" + lab.remote("there")}).out;
  CHECK(numberIn(one, "streams") == 1);
}

TEST_CASE("commands beside a transfer have a connection of their own", "[transfer][servers]") {
  TransferLab lab;
  std::string here = lab.writeLocal("here", randomBytes(20'000'000));
  FolderChanges changes(lab.sshd.remoteFolder());
  auto process = lab.startSlow("upload", here, lab.web1("there"));
  changes.until([&] { return !partsIn(lab.sshd.remoteFolder(), "there").empty(); });
  CHECK(lab.exec("echo fine").out == "fine\n");
  // More than two, if the machine is so busy that the way seems long.
  CHECK(count(lab.agent.cli({"connections", "--output", "json"}).out, "\"state\":") >= 2);
  CHECK(process.finish(6 * kSoon).code == 0);
}

}  // namespace
}  // namespace cbs::test
