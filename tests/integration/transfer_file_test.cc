// Single files, to a host and back.
#include "tests/support/terminal.h"
#include "tests/support/transfer_lab.h"

#include <signal.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <optional>

namespace cbs::test {
namespace {

struct OnTerminal {
  OnTerminal(const TransferLab& lab, std::vector<std::string> arguments) {
    auto program = lab.agent.cliProgram(arguments);
    program.descriptors = {{0, terminal.slave()}, {1, terminal.slave()}, {2, terminal.slave()}};
    program.controllingTerminal = true;
    process.emplace(program);
    terminal.closeSlave();
  }
  Terminal terminal{80, 24};
  std::optional<ChildProcess> process;
};

TEST_CASE("a file of any size comes to the host and back as it was, with its mode", "[transfer][file]") {
  TransferLab lab;
  for (size_t size : {0u, 1u, 65'535u, 65'536u, 65'537u, 10'000'001u}) {
    std::string bytes = randomBytes(size);
    auto up = lab.upload({lab.writeLocal("here", bytes, 0750), lab.web1("there")});
    CAPTURE(size, up.err);
    CHECK(up.code == 0);
    CHECK(holds(lab.remote("there"), bytes));
    auto down = lab.download({lab.web1("there"), lab.local("back")});
    CAPTURE(down.err);
    CHECK(down.code == 0);
    CHECK(holds(lab.local("back"), bytes));
  }
  CHECK(modeOf(lab.remote("there")) == 0750);
  CHECK(modeOf(lab.local("back")) == 0750);
  CHECK(namesIn(lab.sshd.remoteFolder()) == std::vector<std::string>{"there"});
  CHECK(namesIn(lab.localFolder) == std::vector<std::string>{"back", "here"});
}

TEST_CASE("a file that is sent to or fetched into a folder keeps its name", "[transfer][file]") {
  TransferLab lab;
  std::string name = "name with blanks, \"quotes'\nand\xff";
  lab.makeRemoteFolder("into");
  CHECK(lab.upload({lab.writeLocal(name, "content"), lab.web1("into")}).code == 0);
  CHECK(readFile(lab.remote("into/" + name)) == "content");
  std::filesystem::create_directory(lab.local("into"));
  CHECK(lab.download({lab.web1("into/" + name), lab.local("into")}).code == 0);
  CHECK(readFile(lab.local("into/" + name)) == "content");
}

TEST_CASE("a relative path on the host begins at the home directory, also as ~/", "[transfer][file]") {
  TransferLab lab;
  std::string name = "cbs-transfer-test-" + std::to_string(getpid());
  CHECK(lab.upload({lab.writeLocal("here", "content"), "web1:" + name}).code == 0);
  CHECK(lab.exec("cat ~/" + name).out == "content");
  CHECK(lab.download({"web1:~/" + name, lab.local("back")}).code == 0);
  CHECK(readFile(lab.local("back")) == "content");
  lab.exec("rm -f ~/" + name);
}

TEST_CASE("a file in the place of another is a new one that keeps the old one's mode", "[transfer][file]") {
  TransferLab lab;
  for (size_t size : {7u, 300'000u}) {
    std::string bytes = randomBytes(size);
    lab.writeRemote("there", "old", 0604);
    uint64_t before = inodeOf(lab.remote("there"));
    CHECK(lab.upload({lab.writeLocal("here", bytes, 0755), lab.web1("there")}).code == 0);
    CHECK(holds(lab.remote("there"), bytes));
    CHECK(modeOf(lab.remote("there")) == 0604);
    CHECK(inodeOf(lab.remote("there")) != before);
    lab.writeLocal("back", "old", 0600);
    CHECK(lab.download({lab.web1("there"), lab.local("back")}).code == 0);
    CHECK(holds(lab.local("back"), bytes));
    CHECK(modeOf(lab.local("back")) == 0600);
  }
}

TEST_CASE("with --preserve a file keeps mode and time, also in the place of another file", "[transfer][file]") {
  TransferLab lab;
  lab.writeRemote("there", "old", 0600);
  std::string here = lab.writeLocal("here", "content", 0751);
  setMtime(here, 1'000'000'000);
  CHECK(lab.upload({"--preserve", here, lab.web1("there")}).code == 0);
  CHECK(modeOf(lab.remote("there")) == 0751);
  CHECK(mtimeOf(lab.remote("there")) == 1'000'000'000);
  CHECK(lab.download({"-p", lab.web1("there"), lab.local("back")}).code == 0);
  CHECK(modeOf(lab.local("back")) == 0751);
  CHECK(mtimeOf(lab.local("back")) == 1'000'000'000);
}

TEST_CASE("a link that a file is written through stays a link", "[transfer][file]") {
  TransferLab lab;
  lab.writeRemote("real", "old");
  lab.exec("ln -s real " + lab.remote("link"));
  CHECK(lab.upload({lab.writeLocal("here", "new"), lab.web1("link")}).code == 0);
  CHECK(isLink(lab.remote("link")));
  CHECK(readFile(lab.remote("real")) == "new");
  lab.writeLocal("real", "old");
  std::filesystem::create_symlink("real", lab.local("link"));
  CHECK(lab.download({lab.web1("real"), lab.local("link")}).code == 0);
  CHECK(isLink(lab.local("link")));
  CHECK(readFile(lab.local("real")) == "new");
}

TEST_CASE("a link that is asked for itself is followed", "[transfer][file]") {
  TransferLab lab;
  lab.writeLocal("real", "content");
  std::filesystem::create_symlink("real", lab.local("link"));
  CHECK(lab.upload({lab.local("link"), lab.web1("there")}).code == 0);
  CHECK_FALSE(isLink(lab.remote("there")));
  CHECK(readFile(lab.remote("there")) == "content");
  lab.exec("ln -s there " + lab.remote("link"));
  CHECK(lab.download({lab.web1("link"), lab.local("back")}).code == 0);
  CHECK_FALSE(isLink(lab.local("back")));
  CHECK(readFile(lab.local("back")) == "content");
}

TEST_CASE("a file that is replaced is never half there", "[transfer][file]") {
  TransferLab lab;
  lab.writeRemote("there", "old\n");
  std::string there = lab.remote("there");
  auto watcher = lab.agent.startCli(
      {"exec", "web1", "echo watching; until test $(stat -c %s " + there + ") != 4; do :; done; stat -c %s " + there});
  watcher.out().until("watching");
  CHECK(lab.upload({lab.writeLocal("here", randomBytes(20'000'000)), lab.web1("there")}).code == 0);
  CHECK(watcher.finish().out == "watching\n20000000\n");
}

TEST_CASE("of two uploads to one name at once, one is there as a whole", "[transfer][file]") {
  TransferLab lab;
  std::string one = randomBytes(5'000'000, 1);
  std::string other = randomBytes(6'000'000, 2);
  auto first = lab.agent.startCli({"upload", lab.writeLocal("one", one), lab.web1("there")});
  auto second = lab.agent.startCli({"upload", lab.writeLocal("other", other), lab.web1("there")});
  CHECK(first.finish().code == 0);
  CHECK(second.finish().code == 0);
  std::string content = readFile(lab.remote("there"));
  CHECK((content == one || content == other));
  CHECK(namesIn(lab.sshd.remoteFolder()) == std::vector<std::string>{"there"});
}

TEST_CASE("a sparse file arrives as it is, and a dry run of one that is huge takes no time", "[transfer][file]") {
  TransferLab lab;
  std::string here = lab.writeLocal("sparse", "start");
  std::filesystem::resize_file(here, 64 * 1024 * 1024);
  CHECK(lab.upload({here, lab.web1("sparse")}).code == 0);
  CHECK(holds(lab.remote("sparse"), readFile(here)));
  std::filesystem::resize_file(here, 1ULL << 40);
  auto dry = lab.upload({"--dry-run", here, lab.web1("huge")});
  CAPTURE(dry.err);
  CHECK(dry.code == 0);
  CHECK_FALSE(exists(lab.remote("huge")));
}

TEST_CASE("with --verify it prints a receipt that sha256sum accepts where the file went", "[transfer][file]") {
  TransferLab lab;
  for (size_t size : {5u, 3'000'000u}) {
    auto up = lab.upload({"--verify", lab.writeLocal("file", randomBytes(size)), lab.web1("")});
    CAPTURE(size, up.out, up.err);
    CHECK(up.code == 0);
    CHECK(contains(up.out, "verified"));
    std::string receipt = lab.writeLocal("receipt", up.out);
    CHECK(runProgram({"sh", "-c", "cd \"$0\" && sha256sum -c \"$1\"", lab.sshd.remoteFolder(), receipt}) ==
          "file: OK\n");
    auto down = lab.download({"--verify", lab.web1("file"), lab.local("back")});
    CHECK(down.code == 0);
    CHECK(contains(down.out, up.out.substr(0, 64)));
  }
}

TEST_CASE("the report of a file has what it came to", "[transfer][file]") {
  TransferLab lab;
  std::string here = lab.writeLocal("here", randomBytes(100'000));
  auto report = lab.upload({"--verify", "--output", "json", here, lab.web1("there")}).out;
  CAPTURE(report);
  CHECK(numberIn(report, "bytes") == 100'000);
  CHECK(numberIn(report, "files") == 1);
  CHECK(numberIn(report, "failed") == 0);
  std::string digest = runProgram({"sha256sum", here}).substr(0, 64);
  CHECK(contains(report, digest));
  auto events = lab.download({"--output", "ndjson", lab.web1("there"), lab.local("back")}).out;
  CAPTURE(events);
  CHECK(contains(events, "\"event\":\"moved\""));
  CHECK(contains(events.substr(events.rfind('\n', events.size() - 2) + 1), "\"event\":\"finished\""));
}

TEST_CASE("nonsense is wrong usage, and nothing is sent", "[transfer][file]") {
  TransferLab lab;
  std::string here = lab.writeLocal("here", "content");
  for (const std::string& rate : {"fast", "-1", "10Q", ""}) {
    CAPTURE(rate);
    CHECK(lab.upload({"--limit-rate", rate, here, lab.web1("there")}).code == 2);
  }
  for (const std::string& rate : {"1000", "100k", "10M", "1G", "10MiB"}) {
    CAPTURE(rate);
    CHECK(lab.upload({"--dry-run", "--limit-rate", rate, here, lab.web1("there")}).code == 0);
  }
  CHECK(lab.upload({"--streams", "0x", here, lab.web1("there")}).code == 2);
  CHECK(lab.upload({"--streams", "65", here, lab.web1("there")}).code == 2);
  CHECK(lab.upload({"--delete", here, lab.web1("there")}).code == 2);
  CHECK(lab.upload({here, lab.local("there")}).code == 2);
  CHECK(lab.download({here, lab.local("there")}).code == 2);
  CHECK_FALSE(exists(lab.remote("there")));
}

TEST_CASE("a terminal sees a line that is redrawn, anybody else only the end, and -q nobody anything",
          "[transfer][file]") {
  TransferLab lab;
  std::string here = lab.writeLocal("here", "content");
  auto line = lab.upload({here, lab.web1("there")});
  CHECK(contains(line.out, "web1:" + lab.remote("there") + "  7 B in "));
  CHECK(count(line.out, "\n") == 1);
  CHECK(line.err == "");
  auto quiet = lab.upload({"-q", here, lab.web1("there")});
  CHECK(quiet.out + quiet.err == "");

  std::filesystem::resize_file(here, 1'000'000'000'000);
  OnTerminal upload(lab, {"upload", "--limit-rate", "8M", here, lab.web1("there")});
  for (int times = 0; times < 2; ++times) {
    upload.terminal.screen().until("\r");
    CHECK(contains(upload.terminal.screen().until("%"), "here"));
  }
  upload.terminal.type("\x03");
  CHECK(upload.process->wait().code == 246);
}

TEST_CASE("events on a terminal have lines of their own, without what is left of the progress", "[transfer][file]") {
  TransferLab lab;
  std::string here = lab.writeLocal("here", "content");
  std::filesystem::resize_file(here, 1'000'000'000'000);
  OnTerminal upload(lab, {"upload", "--limit-rate", "8M", "--output", "ndjson", here, lab.web1("there")});
  upload.terminal.screen().until("\r\x1b[K{\"event\":\"progress\"");
  upload.terminal.type("\x03");
  CHECK(upload.process->wait().code == 246);
}

TEST_CASE("what is no terminal has a sentence every ten seconds", "[transfer][file][.slow]") {
  TransferLab lab;
  std::string here = lab.writeLocal("here", "content");
  std::filesystem::resize_file(here, 1'000'000'000'000);
  auto process = lab.startSlow("upload", here, lab.web1("there"));
  process.err().until("web1: 0 % of 931.3 GiB");
  process.signal(SIGINT);
  CHECK(process.finish().code == 246);
}

}  // namespace
}  // namespace cbs::test
