#include "cli/nodes/fold.h"

#include "cli/nodes/node_reader.h"
#include "tests/unit/cli/fake_groups.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>

namespace cbs::cli {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("hosts are folded along the numbers in which they differ") {
  CHECK(foldTargets({}) == "");
  CHECK(foldTargets({"web1"}) == "web1");
  CHECK(foldTargets({"web3", "db", "web1", "web2", "web7"}) == "db,web[1-3,7]");
  CHECK(foldTargets({"n8", "n9", "n10", "n11"}) == "n[8-11]");
  CHECK(foldTargets({"a1b3", "a1b4", "a2b3", "a2b4"}) == "a[1-2]b[3-4]");
  CHECK(foldTargets({"a1b1", "a1b2", "a2b1"}) == "a1b[1-2],a2b1");
  CHECK(foldTargets({"web1.dc2", "web2.dc2", "web3.dc2"}) == "web[1-3].dc2");
  CHECK(foldTargets({"10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.1.2"}) == "10.0.[0-1].[1-2]");
}

TEST_CASE("zeros before numbers are kept") {
  CHECK(foldTargets({"n08", "n09", "n10"}) == "n[08-10]");
  CHECK(foldTargets({"n099", "n100", "n1000"}) == "n[099-100,1000]");
  CHECK(foldTargets({"n1", "n01", "n001"}) == "n[1,01,001]");
  CHECK(foldTargets({"n9", "n10", "n09"}) == "n[9,09-10]");
  CHECK(foldTargets({"n99", "n100"}) == "n[99-100]");
  CHECK(foldTargets({"n0", "n1"}) == "n[0-1]");
}

TEST_CASE("users and ports are told apart, and addresses in brackets stay whole") {
  CHECK(foldTargets({"a@w1:22", "a@w2:22", "b@w3:22"}) == "a@w[1-2]:22,b@w3:22");
  CHECK(foldTargets({"h:2201", "h:2202"}) == "h:[2201-2202]");
  CHECK(foldTargets({"[::2]:22", "[::1]:22"}) == "[::1]:22,[::2]:22");
}

TEST_CASE("names sort as people count") {
  Names names{"web10", "web2", "web", "db", "web2a", "web1"};
  std::sort(names.begin(), names.end(), naturallyBefore);
  CHECK(names == Names{"db", "web", "web1", "web2", "web2a", "web10"});
}

Names sortedHosts(const std::string& text) {
  FakeGroups none({});
  auto hosts = NodeReader(none).read(text);
  INFO(text);
  REQUIRE(hosts);
  auto names = hosts->names();
  std::sort(names.begin(), names.end());
  return names;
}

TEST_CASE("what is folded reads back as the same hosts") {
  std::mt19937 random(7);
  auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  const char* texts[] = {"", "a", "b-", ".", "u@h", "::"};
  for (int round = 0; round < 2000; ++round) {
    Names names;
    unsigned most = 2 + pick(12);
    for (unsigned count = 1 + pick(30); count > 0; --count) {
      std::string name = pick(2) ? "n" : "m";
      for (unsigned parts = pick(4); parts > 0; --parts) {
        std::string number = std::to_string(pick(most));
        name += std::string(pick(4) == 0 ? pick(3) : 0, '0') + number + texts[pick(6)];
      }
      names.push_back(pick(40) == 0 ? "[::" + name + "]" : name);
    }
    auto folded = foldTargets(names);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    REQUIRE(sortedHosts(folded) == names);
  }
}

TEST_CASE("a number too long for one is text") {
  std::string digits(30, '7');
  CHECK(foldTargets({"n" + digits + "a1", "n" + digits + "a2"}) == "n" + digits + "a[1-2]");
}

}  // namespace
}  // namespace cbs::cli
