// Node sets mean what they mean to ClusterShell, where that is installed.
#include "cli/nodes/node_reader.h"
#include "tests/support/cli_process.h"
#include "tests/unit/cli/fake_groups.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>

namespace cbs::cli {
namespace {

using Names = std::vector<std::string>;

const FakeGroups::Groups kGroups{
    {"web", "web[1-12],@db"}, {"db", "db[01-03]"}, {"rack1", "web[1-3],x1"}, {"rack2", "web[3-5]"}, {"none", "x1!x1"}};

// Answers a line of hosts, sorted, for each line that is a node set.
constexpr const char* kScript = R"(
import sys
from ClusterShell.NodeSet import NodeSet
from ClusterShell.NodeUtils import GroupResolver, GroupSource
groups = dict(line.split("=", 1) for line in sys.argv[2:])
resolver = GroupResolver(GroupSource("test", groups, sys.argv[1]))
for line in sys.stdin:
    try:
        print(*sorted(NodeSet(line.rstrip("\n"), resolver=resolver)))
    except Exception as error:
        print("!")
)";

// nullopt: ClusterShell is not there.
std::optional<Names> askClusterShell(const Names& texts) {
  FakeGroups groups(kGroups);
  test::Program program{{"/usr/bin/python3", "-c", kScript, "@web,@db,@rack[1-2]"}};
  for (const auto& [name, members] : kGroups) program.argv.push_back(name + "=" + members);
  std::string input;
  for (const auto& text : texts) input += text + "\n";
  auto result = test::CliProcess(program).finishWithInput(input);
  if (result.code != 0) return std::nullopt;
  Names answers;
  for (size_t begin = 0; begin < result.out.size();) {
    size_t end = result.out.find('\n', begin);
    answers.push_back(result.out.substr(begin, end - begin));
    begin = end + 1;
  }
  return answers;
}

std::string ours(const std::string& text) {
  FakeGroups groups(kGroups);
  auto hosts = NodeReader(groups).read(text);
  if (!hosts) return "!";
  auto names = hosts->names();
  std::sort(names.begin(), names.end());
  std::string line;
  for (const auto& name : names) line += (line.empty() ? "" : " ") + name;
  return line;
}

void checkAll(const Names& texts) {
  auto theirs = askClusterShell(texts);
  if (!theirs) SKIP("ClusterShell is not installed");
  REQUIRE(theirs->size() == texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    INFO(texts[i]);
    CHECK(ours(texts[i]) == (*theirs)[i]);
  }
}

TEST_CASE("node sets are read as ClusterShell reads them") {
  checkAll({"web[01-20,30]",
            "n[1-9/2]",
            "n[1-10/3]",
            "n[5-5/3]",
            "a[1-2]b[3-4]",
            "a[1-2]b3c[04-05]",
            "n[1,01,001]",
            "n[08-11]",
            "n[1-3]5",
            "n1[1-3]",
            "[1-3]",
            "[1-2]-[3-4]x",
            "n[ 1 - 3 ]",
            "n[1 ,2]",
            "me@n[1-2]:22",
            "fe80::[1-2]",
            "web1-web3",
            "n0001",
            "a , b",
            "n[1-3]!n2",
            "n[1-3]!n02",
            "n[1-5]^n[3-7]&n4",
            "a&b,c",
            "a!a",
            "n[1-10],n[5-15]",
            "@web",
            "@db!db01",
            "@rack[1-2]",
            "@rack[1-2]&@web",
            "@rack1^@rack2",
            "@*",
            "@*!web*",
            "web*",
            "web1?",
            "*[1-3]",
            "?eb[10-12]",
            "@none,a",
            "foo@bar"});
}

TEST_CASE("what ClusterShell refuses is refused") {
  checkAll({"n[",         "n]",
            "n[]",        "n[1",
            "n[1-3]]",    "a[[1-2]]",
            "n[3-1]",     "n[1-]",
            "n[1--2]",    "n[1-5/0]",
            "n[1-5/-1]",  "n[1-5/x]",
            "n[1-3/2/2]", "n[1/2]",
            "n[1,,2]",    "n[1,]",
            "n[,1]",      "n[08-100]",
            "n[1-010]",   "n[x]",
            "n[a-c]",     "n[0x1]",
            "!a",         "a,,b",
            "a,",         ",a",
            "a&",         "a!",
            "a^",         "a!!b",
            "a,!b",       "a!,b",
            "a , , b",    "n[1-99999999999999999999]"});
}

TEST_CASE("random node sets are those of ClusterShell") {
  std::mt19937 random(3);
  auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  auto range = [&] {
    unsigned first = pick(30), last = first + pick(12);
    if (pick(3) == 0) return std::to_string(first);
    if (pick(3) == 0 && last < 100) {
      auto padded = [](unsigned n) { return std::string(n < 10 ? "00" : "0") + std::to_string(n); };
      return padded(first) + "-" + padded(last);
    }
    return std::to_string(first) + "-" + std::to_string(last) + (pick(4) == 0 ? "/" + std::to_string(1 + pick(4)) : "");
  };
  auto brackets = [&] {
    std::string text = "[" + range();
    for (unsigned more = pick(3); more > 0; --more) text += "," + range();
    return text + "]";
  };
  auto element = [&]() -> std::string {
    const char* fixed[] = {"@web", "@db", "@rack[1-2]", "@*", "web*", "n1", "n02", "n1x2"};
    if (pick(4) == 0) return fixed[pick(8)];
    std::string text = "n" + brackets();
    return pick(3) == 0 ? text + "x" + brackets() : text;
  };
  Names texts;
  for (int i = 0; i < 500; ++i) {
    std::string text = element();
    for (unsigned more = pick(4); more > 0; --more) text += std::string(1, ",!&^"[pick(4)]) + element();
    texts.push_back(text);
  }
  checkAll(texts);
}

}  // namespace
}  // namespace cbs::cli
