// `cbsession copy`: from host to host, and wherever else.
#include "tests/support/transfer_lab.h"

#include <signal.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

// Two hosts, `web1` and `web2`.
struct CopyLab {
  CopyLab() : agent({}) {
    agent.addHost("web1", one);
    agent.addHost("web2", two);
    agent.start();
  }
  std::string on1(const std::string& name) const { return one.remoteFolder() + "/" + name; }
  std::string on2(const std::string& name) const { return two.remoteFolder() + "/" + name; }
  CliResult copy(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "copy");
    return agent.cli(arguments, "", 6 * kSoon);
  }
  void write(const std::string& path, const std::string& bytes, unsigned mode = 0644) const {
    writeFile(path, bytes, mode);
    giveToTestAccount(path);
  }

  Sshd one;
  Sshd two;
  PrivateAgent agent;
};

TEST_CASE("a file goes from host to host, with its mode", "[transfer][copy]") {
  CopyLab lab;
  for (size_t size : {0u, 100u, 9'000'001u}) {
    lab.write(lab.on1("from"), randomBytes(size), 0750);
    auto result = lab.copy({"web1:" + lab.on1("from"), "web2:" + lab.on2("to")});
    CAPTURE(size, result.err);
    CHECK(result.code == 0);
    CHECK(holds(lab.on2("to"), randomBytes(size)));
    CHECK(modeOf(lab.on2("to")) == 0750);
  }
  CHECK(namesIn(lab.two.remoteFolder()) == std::vector<std::string>{"to"});
}

TEST_CASE("a tree goes from host to host, and is unchanged the next time", "[transfer][copy]") {
  CopyLab lab;
  std::string tree = lab.agent.folder().path("tree");
  makeOddTree(tree);
  REQUIRE(lab.copy({"-r", "-p", tree, "web1:" + lab.on1("")}).code == 0);
  auto result = lab.copy({"-r", "-p", "--verify", "web1:" + lab.on1("tree"), "web2:" + lab.on2("")});
  CAPTURE(result.err);
  CHECK(result.code == 0);
  CHECK(contains(result.out, "verified"));
  CHECK(treeOf(lab.on2("tree")) == treeOf(tree));
  auto again = lab.copy({"-r", "--output", "json", "web1:" + lab.on1("tree"), "web2:" + lab.on2("")}).out;
  CHECK(numberIn(again, "files") == 0);
  CHECK(numberIn(again, "unchanged") > 20);
}

TEST_CASE("a copy works on one host, to a host and from a host", "[transfer][copy]") {
  CopyLab lab;
  std::string here = lab.agent.folder().write("here", "content", 0644);
  CHECK(lab.copy({here, "web1:" + lab.on1("a")}).code == 0);
  CHECK(lab.copy({"web1:" + lab.on1("a"), "web1:" + lab.on1("b")}).code == 0);
  CHECK(lab.copy({"web1:" + lab.on1("b"), lab.agent.folder().path("back")}).code == 0);
  CHECK(readFile(lab.agent.folder().path("back")) == "content");
}

TEST_CASE("a copy from here to here, or from several hosts, is wrong usage", "[transfer][copy]") {
  CopyLab lab;
  std::string here = lab.agent.folder().write("here", "content");
  auto local = lab.copy({here, lab.agent.folder().path("there")});
  CHECK(local.code == 2);
  CHECK(contains(local.err, "cp"));
  CHECK(lab.copy({"web1:a", "web2:b", "web2:/tmp"}).code == 2);
  CHECK(lab.copy({here, "web1:a", "web2:/tmp"}).code == 2);
}

TEST_CASE("a copy tells which of the hosts is at fault", "[transfer][copy]") {
  CopyLab lab;
  auto missing = lab.copy({"web1:/nonexistent", "web2:" + lab.on2("to")});
  CHECK(missing.code == 248);
  CHECK(contains(missing.err, "web1: no such file or folder: /nonexistent"));
  lab.write(lab.on1("from"), "content");
  auto nowhere = lab.copy({"web1:" + lab.on1("from"), "web2:/nonexistent/to"});
  CHECK(nowhere.code == 248);
  CHECK(contains(nowhere.err, "web2: no such file or folder"));
  lab.two.kill();
  auto lost = lab.copy({"web1:" + lab.on1("from"), "web2:" + lab.on2("to")});
  CHECK(lost.code == 241);
  CHECK(contains(lost.err, "web2"));
  lab.one.kill();
  lab.two.restart();
  CHECK(contains(lab.copy({"web1:" + lab.on1("from"), "web2:" + lab.on2("to")}).err, "web1"));
}

TEST_CASE("a copy that is cut off by either host is gone on with", "[transfer][copy]") {
  for (bool source : {true, false}) {
    CAPTURE(source);
    CopyLab lab;
    std::string bytes = randomBytes(40'000'000);
    lab.write(lab.on1("from"), bytes);
    std::string from = "web1:" + lab.on1("from");
    std::string to = "web2:" + lab.on2("to");
    auto parts = [&] { return partsIn(lab.two.remoteFolder(), "to"); };
    FolderChanges changes(lab.two.remoteFolder());
    auto process = lab.agent.startCli({"copy", "--limit-rate", "8M", from, to});
    changes.until([&] { return !parts().empty() && writtenOf(parts()[0]) > 12'000'000; });
    Sshd& lost = source ? lab.one : lab.two;
    lost.kill();
    CHECK(process.finish().code >= 241);
    lost.restart();
    auto result = lab.copy({"--resume", "--output", "json", from, to});
    CAPTURE(result.err);
    CHECK(result.code == 0);
    CHECK(numberIn(result.out, "resumedBytes") > 0);
    CHECK(holds(lab.on2("to"), bytes));
    CHECK(parts().empty());
  }
}

}  // namespace
}  // namespace cbs::test
