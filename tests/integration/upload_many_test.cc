// `cbsession upload` to many hosts.
#include "tests/support/account.h"
#include "tests/support/file_tree.h"
#include "tests/support/folder_changes.h"
#include "tests/support/lab.h"
#include "tests/support/ports.h"
#include "tests/support/text.h"

#include <signal.h>
#include <catch2/catch_test_macros.hpp>

#include <memory>

namespace cbs::test {
namespace {

// Servers `up1` to `up4`, each with a home of its own for relative paths, and `gone`, where nobody listens.
struct UploadLab {
  UploadLab() {
    for (int i = 1; i <= kHosts; ++i) {
      homes.push_back(folder.makeFolder("home" + std::to_string(i), 0755));
      giveToTestAccount(homes.back());
      sshds.push_back(std::make_unique<Sshd>(SshdOptions{.sftp = "internal-sftp -d " + homes.back()}));
      agent.addHost("up" + std::to_string(i), *sshds.back());
    }
    agent.addUnknownHost("gone", freePort());
    agent.start();
  }
  CliResult upload(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "upload");
    return agent.cli(arguments, "", 6 * kSoon);
  }
  std::string local(const std::string& name) const { return folder.path(name); }

  static constexpr int kHosts = 4;
  TempFolder folder;
  std::vector<std::string> homes;
  std::vector<std::unique_ptr<Sshd>> sshds;
  PrivateAgent agent;
};

constexpr const char* kAll = "up1,up2,up3,up4";

TEST_CASE("a tree with a large file comes to every host, and a second time nothing has to be moved", "[transfer]") {
  UploadLab lab;
  makeOddTree(lab.local("tree"));
  writeFile(lab.local("tree/large"), std::string(6 << 20, 'x') + "end");
  auto up = lab.upload({"-r", "-p", lab.local("tree"), std::string(kAll) + ":"});
  INFO(up.err);
  CHECK(up.code == 0);
  for (const auto& home : lab.homes) CHECK(treeOf(home + "/tree") == treeOf(lab.local("tree")));
  CHECK(count(up.out, "\n") == UploadLab::kHosts);
  CHECK(contains(up.out, "up3:" + lab.homes[2] + "/tree  "));
  CHECK(contains(up.err, "4 ok"));
  auto again = lab.upload({"-r", "-p", "-j", "1", lab.local("tree"), std::string(kAll) + ":"});
  CHECK(again.code == 0);
  CHECK(count(again.out, "  0 files, ") == UploadLab::kHosts);
}

TEST_CASE("one that cannot be reached keeps no other host from its files, and the summary names it", "[transfer]") {
  UploadLab lab;
  auto file = lab.folder.write("file", "content");
  auto up = lab.upload({file, "up1,gone,up2:"});
  CHECK(up.code == 241);
  CHECK(readFile(lab.homes[0] + "/file") == "content");
  CHECK(readFile(lab.homes[1] + "/file") == "content");
  CHECK(count(up.out, "\n") == 2);
  CHECK(contains(up.err, "cbsession: gone: "));
  CHECK(contains(up.err, "2 ok, 1 unreachable"));
  CHECK(contains(up.err, "(gone)"));

  auto json = lab.upload({"--output", "json", file, "up1,gone:"});
  CHECK(json.code == 241);
  CHECK(contains(json.out, "\"to\":{\"target\":\"up1\""));
  CHECK(contains(json.out, "\"status\":0},"));
  CHECK(contains(json.out, "\"status\":241}],\"summary\""));
  CHECK(contains(json.out, "\"summary\":{\"status\":241,\"hosts\":2,\"succeeded\":1,\"failed\":1"));

  auto stopped = lab.upload({"-j", "1", "--fail-fast", "--output", "ndjson", file, "gone,up3,up4:"});
  CHECK(stopped.code == 241);
  CHECK(count(stopped.out, "\"event\":\"finished\"") == 3);
  CHECK(contains(stopped.out, "\"failed\":1,\"skipped\":2"));
  CHECK(namesIn(lab.homes[2]).empty());
}

TEST_CASE("a signal ends uploads that run and those that have not begun", "[transfer]") {
  UploadLab lab;
  writeFile(lab.local("large"), std::string(64 << 20, 'x'));
  FolderChanges changes(lab.homes[0]);
  auto slow =
      lab.agent.startCli({"upload", "-j", "2", "--limit-rate", "1M", lab.local("large"), std::string(kAll) + ":"});
  changes.until([&]() { return !partsIn(lab.homes[0]).empty(); });
  slow.signal(SIGINT);
  auto ended = slow.finish(6 * kSoon);
  INFO(ended.err);
  CHECK(ended.code != 0);
  CHECK(contains(ended.err, "2 not begun"));
  CHECK(namesIn(lab.homes[2]).empty());
  CHECK(namesIn(lab.homes[3]).empty());
}

TEST_CASE("a deadline for all ends uploads under way, and says that it did", "[transfer]") {
  UploadLab lab;
  writeFile(lab.local("large"), std::string(64 << 20, 'x'));
  auto up = lab.upload({"--deadline", "500ms", "--limit-rate", "1M", lab.local("large"), "up1,up2:"});
  CHECK(up.code == 245);
  CHECK(up.out.empty());
  CHECK(contains(up.err, "cbsession: up1: timed out (the deadline for all hosts passed). Next: raise --deadline"));
}

}  // namespace
}  // namespace cbs::test
