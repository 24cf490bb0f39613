#include "agentd/transfer/remote_glob.h"

#include "tests/unit/transfer/source_world.h"

#include <pwd.h>

namespace cbs::transfer {
namespace {

using Paths = std::vector<std::string>;

struct GlobWorld : SourceWorld {
  Expected<std::vector<RemoteMatch>> find(const std::string& path) {
    return wait(findRemote(streams.first(), closing, path));
  }
  // What is found in the folder, by path below it.
  Paths names(const std::string& path) {
    auto found = find(remote(path));
    if (!found) FAIL(found.error().detail);
    Paths names;
    for (const auto& match : *found) names.push_back(match.path.substr(remote().size() + 1));
    return names;
  }
  Closing closing;
};

TEST_CASE("patterns are matched on the host, name by name, and sorted") {
  GlobWorld world;
  for (const char* name : {"b.log", "a.log", "a.txt", ".hidden.log", "x/1.log", "y/2.log", "y/sub/3.log"})
    world.write(name, "");
  REQUIRE(world.names("*.log") == Paths{"a.log", "b.log"});
  REQUIRE(world.names(".*.log") == Paths{".hidden.log"});
  REQUIRE(world.names("?.[lt]*") == Paths{"a.log", "a.txt", "b.log"});
  REQUIRE(world.names("*/*.log") == Paths{"x/1.log", "y/2.log"});
  REQUIRE(world.names("[xy]/sub/*") == Paths{"y/sub/3.log"});
  REQUIRE(world.names("*/sub") == Paths{"y/sub"});
  REQUIRE(world.names("*/") == Paths{"x", "y"});
  REQUIRE(world.names("*/sub/") == Paths{"y/sub"});
}

TEST_CASE("a pattern that matches nothing on the host is not found") {
  GlobWorld world;
  world.write("file", "");
  for (const char* pattern : {"*.none", "none/*", "file/*", "*/none", "none"}) {
    auto found = world.find(world.remote(pattern));
    REQUIRE_FALSE(found);
    REQUIRE(found.error().kind == ErrorKind::TRANSFER_FAILED);
    REQUIRE(found.error().reason == Reason::NOT_FOUND);
  }
}

TEST_CASE("a folder that may not be read hides matches of a pattern, which is told") {
  GlobWorld world;
  world.write("closed/a", "");
  REQUIRE(chmod(world.remote("closed").c_str(), 0) == 0);
  auto found = world.find(world.remote("closed/*"));
  REQUIRE(chmod(world.remote("closed").c_str(), 0700) == 0);
  REQUIRE_FALSE(found);
  REQUIRE(found.error().reason == Reason::PERMISSION_DENIED);
}

TEST_CASE("a file of the host whose name looks like a pattern is taken by its name") {
  GlobWorld world;
  world.write("[ab]", "");
  world.write("a", "");
  world.write("*", "");
  REQUIRE(world.names("[ab]") == Paths{"[ab]"});
  REQUIRE(world.names("*") == Paths{"*"});
  REQUIRE(world.names("\\*") == Paths{"*"});
  REQUIRE(world.names("[a]") == Paths{"a"});
}

TEST_CASE("a backslash takes a character's meaning away on the host") {
  GlobWorld world;
  world.write("a*b", "");
  world.write("axb", "");
  REQUIRE(world.names("a\\*b") == Paths{"a*b"});
  REQUIRE(world.names("a*b*") == Paths{"a*b", "axb"});
}

TEST_CASE("names on the host that are not UTF-8 match patterns") {
  GlobWorld world;
  world.write("a\xff\xfe", "");
  REQUIRE(world.names("a*") == Paths{"a\xff\xfe"});
}

TEST_CASE("relative paths and the tilde begin at the home directory on the host") {
  GlobWorld world;
  const passwd* account = getpwnam(world.sshd.user().c_str());
  REQUIRE(account != nullptr);
  auto home = world.must(world.streams.first().realPath("."));
  for (const char* path : {"~", "~/", ".", ""}) {
    auto found = world.find(path);
    REQUIRE(found);
    REQUIRE(world.must(world.streams.first().realPath(found->front().path)) == home);
    REQUIRE(found->front().attributes.isDirectory());
  }
  REQUIRE(world.find("~/none-of-that-name").error().fact("remotePath") == "none-of-that-name");
}

TEST_CASE("attributes of matches are those of the links themselves") {
  GlobWorld world;
  world.write("file", "");
  world.link("link", "file");
  for (const char* path : {"link", "lin*"}) REQUIRE(world.find(world.remote(path))->front().attributes.isLink());
}

}  // namespace
}  // namespace cbs::transfer
