#include "cli/nodes/targets.h"

#include "cli/nodes/hosts_file.h"
#include "tests/support/temp_folder.h"
#include "tests/support/text.h"
#include "tests/unit/cli/fake_groups.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include <thread>

namespace cbs::cli {
namespace {

using Names = std::vector<std::string>;
using test::contains;

TEST_CASE("a node set is known by how it is written") {
  for (auto* one : {"web1", "me@web1:22", "[::1]:22", "me@[::1]", "ssh://web1", "ssh://me@[::1]:22/", "fe80::1%eth0",
                    "::1", "DOMAIN\\me@web1", "web-1.example_x", ""}) {
    CHECK_FALSE(isNodeSet(one));
  }
  for (auto* many : {"web[1-3]", "a,b", "a b", "@web", "me@@web", "a!b", "a&b", "a^b", "web*", "web?", "web[", "web]",
                     "me@web[1-2]:22", "[1-2]", "[::1]:22,web1", "@*", "@src:web"}) {
    CHECK(isNodeSet(many));
  }
}

TEST_CASE("a plain target is itself, a node set many hosts, even if they are one") {
  FakeGroups groups({{"g", "a,b"}});
  auto one = readTargets("me@web1:22", groups);
  CHECK_FALSE(one->many);
  CHECK(one->names == Names{"me@web1:22"});
  auto many = readTargets("web[1-1]", groups);
  CHECK(many->many);
  CHECK(many->names == Names{"web1"});
  CHECK(readTargets("@g", groups)->names == Names{"a", "b"});
  CHECK(readTargets("", groups)->names == Names{""});
}

TEST_CASE("targets that are no hosts are an error") {
  FakeGroups groups({{"g", "a,b"}});
  CHECK(readTargets("@g!a!b", groups).error() == "node set '@g!a!b' has no hosts");
  CHECK(readTargets("web*", groups).error() ==
        "node set 'web*' has no hosts; * and ? choose among the hosts of groups");
  CHECK(contains(readTargets("web[", groups).error(), "expected a ']'"));
}

tl::expected<Targets, std::string> read(const std::string& content) {
  test::TempFolder folder;
  FakeGroups groups({{"g", "a,b"}});
  return readHostsFile(folder.write("hosts", content), groups);
}

TEST_CASE("a file of hosts has a node set a line, comments and empty lines") {
  auto targets = read("\xef\xbb\xbf# all of them\r\nweb[1-2] \t# the front\r\n\r\n  me@db1:22\nweb2\n@g\nodd#name");
  REQUIRE(targets);
  CHECK(targets->many);
  CHECK(targets->names == Names{"web1", "web2", "me@db1:22", "a", "b", "odd#name"});
  CHECK(read("one\n")->many);
}

TEST_CASE("what is wrong in a file of hosts is named with its line") {
  CHECK(contains(read("a\n\nb,,\n").error(), "/hosts:3: node set 'b,,': expected"));
  CHECK(contains(read("a\n@x\n").error(), "/hosts:2: there is no group @x"));
  CHECK(contains(read("a[1-200000]\nb[1-200000]\n").error(), "/hosts:2: more than 250,000 hosts"));
  CHECK(contains(read("# none\n").error(), "names no hosts"));
  CHECK(contains(read(std::string("a\0b", 3)).error(), "it is no text"));
}

TEST_CASE("a file of hosts that cannot be read is named with why") {
  FakeGroups groups({});
  test::TempFolder folder;
  CHECK(readHostsFile("/nonexistent/hosts", groups).error() ==
        "cannot read /nonexistent/hosts: No such file or directory");
  CHECK(contains(readHostsFile(folder.path(), groups).error(), "Is a directory"));
  auto large = folder.write("large", "");
  REQUIRE(truncate(large.c_str(), off_t{65} << 20) == 0);
  CHECK(contains(readHostsFile(large, groups).error(), "it is no text"));
}

TEST_CASE("a file of hosts may be a pipe") {
  FakeGroups groups({});
  test::TempFolder folder;
  auto pipe = folder.path("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  std::thread writer([&] {
    FILE* file = fopen(pipe.c_str(), "w");
    fputs("web[1-2]\n", file);
    fclose(file);
  });
  auto targets = readHostsFile(pipe, groups);
  writer.join();
  CHECK(targets->names == Names{"web1", "web2"});
}

}  // namespace
}  // namespace cbs::cli
