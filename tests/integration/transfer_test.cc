// `cbsession upload` and `download` of one file.
#include "tests/support/account.h"
#include "tests/support/lab.h"
#include "tests/support/terminal.h"
#include "tests/support/text.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>

namespace cbs::test {
namespace {

std::string binary(size_t size) {
  std::string bytes(size, '\0');
  unsigned state = 7;
  for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return bytes;
}

unsigned modeOf(const std::string& path) {
  struct stat info {};
  stat(path.c_str(), &info);
  return info.st_mode & 07777;
}

size_t filesIn(const std::string& folder) {
  auto entries = std::filesystem::directory_iterator(folder);
  return static_cast<size_t>(std::distance(begin(entries), end(entries)));
}

// Returns once a connection is at work.
void awaitTransfer(const Lab& lab) {
  while (!contains(lab.agent.cli({"connections", "--output", "json"}).out, "\"state\":\"busy\"")) {
  }
}

TEST_CASE("a file comes to the host and back as it was, with its mode") {
  Lab lab;
  for (size_t size : {0u, 1u, 32'768u, 9'000'001u}) {
    std::string bytes = binary(size);
    std::string here = lab.agent.folder().write("here", bytes, 0750);
    std::string there = lab.sshd.remoteFolder() + "/there";
    auto up = lab.agent.cli({"upload", here, "web1:" + there});
    CAPTURE(size, up.err);
    CHECK(up.code == 0);
    CHECK(readFile(there) == bytes);
    CHECK(modeOf(there) == 0750);
    std::string back = lab.agent.folder().path("back");
    auto down = lab.agent.cli({"download", "web1:" + there, back});
    CAPTURE(down.err);
    CHECK(down.code == 0);
    CHECK(readFile(back) == bytes);
    CHECK((modeOf(back) & 0700) == 0700);
  }
  CHECK(filesIn(lab.sshd.remoteFolder()) == 1);
}

TEST_CASE("a file that is sent to or fetched into a folder keeps its name") {
  Lab lab;
  std::string here = lab.agent.folder().write("name with blanks", "content");
  CHECK(lab.agent.cli({"upload", here, "web1:" + lab.sshd.remoteFolder()}).code == 0);
  CHECK(readFile(lab.sshd.remoteFolder() + "/name with blanks") == "content");
  std::string folder = lab.agent.folder().makeFolder("into");
  CHECK(lab.agent.cli({"download", "web1:" + lab.sshd.remoteFolder() + "/name with blanks", folder}).code == 0);
  CHECK(readFile(folder + "/name with blanks") == "content");
}

TEST_CASE("what cannot be read or written is said, with 248, and nothing is left behind") {
  Lab lab;
  std::string here = lab.agent.folder().write("here", "content");
  auto noSource = lab.agent.cli({"upload", lab.agent.folder().path("missing"), "web1:/tmp/x"});
  CHECK(noSource.code == 248);
  CHECK(contains(noSource.err, "missing"));
  auto noFolder = lab.agent.cli({"upload", here, "web1:/nonexistent/x"});
  CHECK(noFolder.code == 248);
  CHECK(contains(noFolder.err, "/nonexistent"));
  auto notAllowed = lab.agent.cli({"upload", here, "web1:/proc/x"});
  CHECK(notAllowed.code == 248);
  auto noRemote = lab.agent.cli({"download", "web1:/nonexistent", lab.agent.folder().path("new")});
  CHECK(noRemote.code == 248);
  CHECK(contains(noRemote.err, "/nonexistent"));
  CHECK_FALSE(std::filesystem::exists(lab.agent.folder().path("new")));
  CHECK(lab.agent.cli({"download", "web1:/etc", lab.agent.folder().path("new")}).code == 248);
  CHECK(lab.agent.cli({"download", "web1:/etc/passwd", "/nonexistent/x"}).code == 248);
}

TEST_CASE("a file that is replaced is never half there") {
  Lab lab;
  std::string there = lab.sshd.remoteFolder() + "/there";
  lab.exec("echo old > " + there);
  std::string here = lab.agent.folder().write("here", binary(20'000'000));
  auto watcher = lab.agent.startCli(
      {"exec", "web1", "echo watching; until test $(stat -c %s " + there + ") != 4; do :; done; stat -c %s " + there});
  watcher.out().until("watching");
  CHECK(lab.agent.cli({"upload", here, "web1:" + there}).code == 0);
  CHECK(watcher.finish().out == "watching\n20000000\n");
}

TEST_CASE("a download into a disk that is full fails with 248, and leaves no partial file") {
  if (geteuid() != 0) SKIP("needs root, to mount a small disk");
  Lab lab;
  std::string disk = lab.agent.folder().makeFolder("disk");
  REQUIRE(mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") == 0);
  lab.exec("head -c 5000000 /dev/zero > " + lab.sshd.remoteFolder() + "/large");
  auto result = lab.agent.cli({"download", "web1:" + lab.sshd.remoteFolder() + "/large", disk + "/large"});
  CHECK(result.code == 248);
  CHECK(contains(result.err, "no space left"));
  CHECK(filesIn(disk) == 0);
  umount(disk.c_str());
}

TEST_CASE("a host that is lost during a transfer is said, and nothing is left behind here") {
  Lab lab;
  std::string there = lab.sshd.remoteFolder() + "/endless";
  REQUIRE(lab.exec("truncate -s 1T " + there).code == 0);
  std::string folder = lab.agent.folder().makeFolder("into");
  auto process = lab.agent.startCli({"download", "web1:" + there, folder});
  awaitTransfer(lab);
  lab.sshd.kill();
  auto result = process.finish();
  CAPTURE(result.err);
  CHECK(result.code >= 241);
  CHECK(contains(result.err, "cbsession: web1: "));
  CHECK(filesIn(folder) == 0);
}

TEST_CASE("a transfer whose CLI is killed ends, and leaves nothing behind on the host") {
  Lab lab;
  std::string here = lab.agent.folder().path("endless");
  lab.agent.folder().write("endless", "");
  std::filesystem::resize_file(here, 1'000'000'000'000);
  auto process = lab.agent.startCli({"upload", here, "web1:" + lab.sshd.remoteFolder() + "/endless"});
  awaitTransfer(lab);
  process.signal(SIGKILL);
  process.finish();
  while (filesIn(lab.sshd.remoteFolder()) > 0) {
  }
  CHECK(lab.exec("echo fine").out == "fine\n");
}

TEST_CASE("a terminal sees a progress bar, anybody else a line, and -q nobody anything") {
  Lab lab;
  std::string here = lab.agent.folder().write("here", "content");
  std::string there = "web1:" + lab.sshd.remoteFolder() + "/there";
  auto line = lab.agent.cli({"upload", here, there});
  CHECK(contains(line.out + line.err, "there"));
  auto quiet = lab.agent.cli({"upload", "-q", here, there});
  CHECK(quiet.out + quiet.err == "");

  std::filesystem::resize_file(here, 1'000'000'000'000);
  Terminal terminal(80, 24);
  auto program = lab.agent.cliProgram({"upload", here, there});
  program.descriptors = {{0, terminal.slave()}, {1, terminal.slave()}, {2, terminal.slave()}};
  program.controllingTerminal = true;
  ChildProcess process(program);
  terminal.closeSlave();
  terminal.screen().until("\r");
  CHECK(contains(terminal.screen().until("%"), "here"));
  terminal.type("\x03");
  CHECK(process.wait().code == 246);
}

}  // namespace
}  // namespace cbs::test
