#include "cli/nodes/node_reader.h"

#include "tests/support/text.h"
#include "tests/unit/cli/fake_groups.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using Names = std::vector<std::string>;
using test::contains;

// The hosts with blanks between them, or "! " and the error.
std::string hosts(std::string_view text, FakeGroups& groups) {
  auto read = NodeReader(groups).read(text);
  if (!read) return "! " + read.error();
  std::string all;
  for (const auto& name : read->names()) all += (all.empty() ? "" : " ") + name;
  return all;
}

std::string hosts(std::string_view text, FakeGroups::Groups groups = {}) {
  FakeGroups fake(std::move(groups));
  return hosts(text, fake);
}

size_t countOf(std::string_view text) {
  FakeGroups none({});
  auto read = NodeReader(none).read(text);
  REQUIRE(read);
  return read->size();
}

TEST_CASE("brackets stand for their numbers, in the order in which they are written") {
  CHECK(hosts("web[1-3,7]") == "web1 web2 web3 web7");
  CHECK(hosts("web[3,1-2]") == "web3 web1 web2");
  CHECK(hosts("web[08-11]") == "web08 web09 web10 web11");
  CHECK(hosts("n[1,01,001]") == "n1 n01 n001");
  CHECK(hosts("n[1-9/4]x") == "n1x n5x n9x");
  CHECK(hosts("a[1-2]b[3-4]") == "a1b3 a1b4 a2b3 a2b4");
  CHECK(hosts("n[1-2][0-1]") == "n10 n11 n20 n21");
  CHECK(hosts("[ 1 - 2 , 5 ]") == "1 2 5");
  CHECK(hosts("n[000000000000000001-2]").substr(0, 1) == "!");
}

TEST_CASE("operators are applied from left to right, and blanks join") {
  CHECK(hosts("b,a,b") == "b a");
  CHECK(hosts("a b\n c") == "a b c");
  CHECK(hosts("n[1-5]!n[2-3]") == "n1 n4 n5");
  CHECK(hosts("n[5,3,1]&n[1-4]") == "n3 n1");
  CHECK(hosts("n[1-3]^n[3-5]") == "n1 n2 n4 n5");
  CHECK(hosts("a&b,c") == "c");
  CHECK(hosts("n[1-5]^n[3-7]&n[4-7]") == "n6 n7");
  CHECK(hosts(" n[1-3] ! n2 , m ") == "n1 n3 m");
  CHECK(hosts("a!a").empty());
}

TEST_CASE("users, ports, addresses and schemes are text") {
  CHECK(hosts("me@web[1-2]:2222") == "me@web1:2222 me@web2:2222");
  CHECK(hosts("[::1]:22,me@[fe80::2]") == "[::1]:22 me@[fe80::2]");
  CHECK(hosts("fe80::[1-2]") == "fe80::1 fe80::2");
  CHECK(hosts("ssh://me@[::1]:22 ssh://web[1-2]") == "ssh://me@[::1]:22 ssh://web1 ssh://web2");
  CHECK(hosts("10.0.[0-1].1") == "10.0.0.1 10.0.1.1");
}

TEST_CASE("what is malformed is named with its place and what was expected") {
  auto wrong = [](const char* text, const char* place, const char* expected) {
    INFO(text);
    auto error = hosts(text);
    CHECK(error.substr(0, 2) == "! ");
    CHECK(contains(error, std::string("(character ") + place + ")"));
    CHECK(contains(error, expected));
  };
  wrong("web[", "4", "']'");
  wrong("web]", "4", "']'");
  wrong("web[]", "5", "a number or a range");
  wrong("web[1,]", "7", "a number or a range");
  wrong("web[3-1]", "5", "backwards");
  wrong("web[1-]", "5", "'1-'");
  wrong("web[-1]", "5", "'-1'");
  wrong("web[1--2]", "5", "'1--2'");
  wrong("web[1-5/0]", "5", "a step of at least 1");
  wrong("web[1-5/2/2]", "5", "a number or a range");
  wrong("web[1/2]", "5", "a range before the step");
  wrong("web[8-010]", "5", "as many digits");
  wrong("x[a-c]", "3", "'a-c'");
  wrong("a,x[1:2]", "5", "'1:2'");
  wrong("!a", "1", "before '!'");
  wrong("a,,b", "3", "after ','");
  wrong("a,!b", "3", "after ','");
  wrong("a&", "3", "after '&'");
  wrong("a , ", "5", "after ','");
  wrong("@", "2", "the name of a group");
  wrong("a,@x:", "6", "the name of a group");
  CHECK(hosts("") == "! node set '': expected a host or a group");
  CHECK(hosts("a,\x1b[31m]") ==
        "! node set 'a,?[31m]': expected a number or a range such as 1-9 or 01-20/2, not '31m' "
        "(character 5)");
}

TEST_CASE("a fault in a long text is shown with what stands round it") {
  auto error = hosts("start," + std::string(500, 'x') + ",,y," + std::string(500, 'z'));
  CHECK(error.size() < 200);
  CHECK(contains(error, "xx,,y,zz"));
  CHECK_FALSE(contains(error, "start"));
}

TEST_CASE("too many hosts are refused before they are made") {
  CHECK(contains(hosts("n[1-10000000]"), "these are 10,000,000 hosts, more than the 250,000"));
  CHECK(contains(hosts("a[1-1000]b[1-1000]c[1-1000]"), "1,000,000,000 hosts"));
  CHECK(contains(hosts("a[1-999999999999999999]b[1-999999999999999999]"), "far more than the 250,000"));
  CHECK(contains(hosts("n[1-99999999999999999999]"), "at most 18 digits"));
  CHECK(contains(hosts("a[1-200000],b[1-200000]"), "these are 400,000 hosts"));
  CHECK(contains(hosts(std::string(2000, 'x') + "[1-2]"), "longer than 1024 bytes"));
  CHECK(countOf("n[1-250000],n[1-250000]") == 250'000);
}

TEST_CASE("groups are read wherever a host may stand, and name further ones") {
  FakeGroups::Groups groups{{"web", "web[1-2],@db"}, {"db", "db1"}, {"rack1", "a b"}, {"rack2", "c"}, {"none", " "}};
  CHECK(hosts("@web", groups) == "web1 web2 db1");
  CHECK(hosts("@web!@db,x", groups) == "web1 web2 x");
  CHECK(hosts("@rack[1-2]", groups) == "a b c");
  CHECK(hosts("@none,x", groups) == "x");
  CHECK(hosts("@*", groups) == "db1 a b c web1 web2");
  CHECK(hosts("me@@web,root@@rack2", groups) == "me@web1 me@web2 me@db1 root@c");
}

TEST_CASE("a group may name its source, and its members look there first") {
  FakeGroups::Groups groups{{"cpu:hsw", "@roles:all!@ivy"},
                            {"cpu:ivy", "n1"},
                            {"ivy", "x"},
                            {"roles:all", "n[1-3]"},
                            {"roles:both", "@ivy,@all"}};
  CHECK(hosts("@cpu:hsw", groups) == "n2 n3");
  CHECK(hosts("@roles:both", groups) == "x n1 n2 n3");
  CHECK(hosts("@ivy", groups) == "x");
  CHECK(hosts("@cpu:*", groups) == "n2 n3 n1");
}

TEST_CASE("a user is put before the members that have none") {
  FakeGroups::Groups groups{{"g", "a,you@b,ssh://c,[::1]:22"}};
  CHECK(hosts("me@@g", groups) == "me@a you@b ssh://me@c me@[::1]:22");
  CHECK(hosts("me@a*", groups) == "me@a");
}

TEST_CASE("wildcards choose among all hosts") {
  FakeGroups::Groups groups{{"a", "web[1-12],rack1-a"}, {"b", "db1"}};
  CHECK(hosts("web1?", groups) == "web10 web11 web12");
  CHECK(hosts("*1!web*", groups) == "db1");
  CHECK(hosts("*[2-3]", groups) == "web2 web3 web12");
  CHECK(hosts("rack1-?", groups) == "rack1-a");
  CHECK(hosts("x*", groups).empty());
  CHECK(contains(hosts("*[1-2000]", groups), "at most 1,000"));
}

TEST_CASE("groups that are not there, or not in order, are named with who names them") {
  FakeGroups::Groups groups{{"web", "web1,@dbs"}, {"db", "db1,,"}, {"outer", "@db"}};
  CHECK(hosts("@nothing", {}) == "! there is no group @nothing; none are defined");
  CHECK(hosts("@wbe", groups) == "! there is no group @wbe, did you mean @web?");
  CHECK(hosts("@web", groups) == "! there is no group @dbs, which @web names, did you mean @db?");
  CHECK(hosts("x,@outer", groups) ==
        "! group @db: node set 'db1,,': expected a host or a group after ',', not ',' (character 5)");
  CHECK(hosts("@broken:x", groups) == "! cannot read groups.toml: no");
}

TEST_CASE("groups that are part of themselves are told with their circle") {
  FakeGroups::Groups groups{{"a", "x,@b"}, {"b", "y,@c"}, {"c", "@b"}, {"self", "@self"}, {"w", "web*"}};
  CHECK(hosts("@a", groups) == "! the group @b is part of itself: @b -> @c -> @b");
  CHECK(hosts("@self", groups) == "! the group @self is part of itself: @self -> @self");
  CHECK(contains(hosts("@w", {{"w", "web*"}}), "@w -> @* -> @w"));
}

TEST_CASE("groups are nested up to a bound, and each is read once") {
  FakeGroups::Groups deep, wide;
  for (int i = 0; i < 200; ++i) deep["g" + std::to_string(i)] = "@g" + std::to_string(i + 1);
  CHECK(contains(hosts("@g0", deep), "more than 100 deep"));
  for (int i = 0; i < 50; ++i) {
    auto next = "@g" + std::to_string(i + 1);
    wide["g" + std::to_string(i)] = next + "," + next + "&" + next;
  }
  wide["g50"] = "x";
  FakeGroups fake(wide);
  CHECK(hosts("@g0", fake) == "x");
  CHECK(fake.asked < 200);
}

TEST_CASE("a group is read by its name, whatever is in that") {
  FakeGroups groups({{"a b", "x"}, {"w[1-2]", "y"}});
  CHECK(NodeReader(groups).readGroup("", "a b")->names() == Names{"x"});
  CHECK(NodeReader(groups).readGroup("", "w[1-2]")->names() == Names{"y"});
  CHECK(NodeReader(groups).readGroup("", "zzzzzz").error() ==
        "there is no group @zzzzzz; `cbsession nodes --groups` lists those that there are");
}

}  // namespace
}  // namespace cbs::cli
