#include "cli/nodes/user_groups.h"

#include "tests/support/temp_folder.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

// A home and an /etc of a test's own, with a file of groups.
struct World {
  explicit World(std::string_view groups = "", const char* where = "config/cbsession/groups.toml") {
    for (const char* name :
         {"home", "config", "config/cbsession", "config/clustershell", "config/clustershell/groups.d", "etc",
          "etc/cbsession", "etc/clustershell", "etc/clustershell/groups.d"}) {
      folder.makeFolder(name);
    }
    if (!groups.empty()) folder.write(where, groups);
  }

  UserGroups userGroups() const {
    return UserGroups({.environment = environment, .etc = folder.path("etc"), .longestCommandMs = longestMs});
  }
  std::string said(const tl::expected<std::optional<std::string>, std::string>& hosts) const {
    return hosts ? hosts->value_or("none") : "ERROR " + withoutFolder(hosts.error());
  }
  // "web" or "lab:web"
  std::string group(const std::string& name) const {
    size_t colon = name.find(':');
    auto groups = userGroups();
    if (colon == name.npos) return said(groups.group("", name));
    return said(groups.group(name.substr(0, colon), name.substr(colon + 1)));
  }
  std::string all(const std::string& source = "") const {
    auto hosts = userGroups().all(source);
    return hosts ? *hosts : "ERROR " + withoutFolder(hosts.error());
  }
  std::string withoutFolder(std::string text) const {
    for (size_t at = text.find(folder.path()); at != text.npos; at = text.find(folder.path())) {
      text.erase(at, folder.path().size());
    }
    return text;
  }

  test::TempFolder folder;
  Environment environment = {{"HOME", folder.path("home")}, {"XDG_CONFIG_HOME", folder.path("config")}};
  uint64_t longestMs = UINT64_MAX;
};

std::string listed(const std::vector<GroupSource::Name>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : " ") + name.source + ":" + name.name;
  return text;
}

TEST_CASE("groups stand in a file, as strings or as arrays") {
  World world("[groups]\nweb = \"web[01-20]\"\ndb = [\"db1\", \"db2.example.com\"]\n\"a.b\" = \"@web,@db\"\n");
  CHECK(world.group("web") == "web[01-20]");
  CHECK(world.group("db") == "db1,db2.example.com");
  CHECK(world.group("a.b") == "@web,@db");
  CHECK(world.group("nowhere") == "none");
  CHECK(world.all() == "@web,@db,@a.b");
  CHECK(listed(*world.userGroups().names()) == ":web :db :a.b");
}

TEST_CASE("the file is the one that is named, the user's or the machine's") {
  World world("[groups]\nweb = \"user\"\n");
  CHECK(world.group("web") == "user");
  world.folder.write("etc/cbsession/groups.toml", "[groups]\nweb = \"machine\"\n");
  CHECK(world.group("web") == "user");
  world.environment["XDG_CONFIG_HOME"] = world.folder.path("home");
  CHECK(world.group("web") == "machine");
  world.environment["CBSESSION_GROUPS"] = world.folder.write("named.toml", "[groups]\nweb = \"named\"\n");
  CHECK(world.group("web") == "named");
  world.environment["CBSESSION_GROUPS"] = "/nonexistent/groups.toml";
  CHECK(world.group("web").starts_with("ERROR /nonexistent/groups.toml: there is no such file"));
}

TEST_CASE("all that is wrong with the file is told, with line and key") {
  World world(
      "[groups]\nweb = 3\n\"a,b\" = \"x\"\nnone = []\n[sources.lab]\nansibel = \"x\"\ntimeout_ms = 0\n"
      "[sources.two]\ncommand = \"x\"\nansible = \"y\"\n[other]\n");
  CHECK(world.group("web") ==
        "ERROR /config/cbsession/groups.toml:2:7: groups.web: expected a string or an array of strings, found an "
        "integer\n"
        "/config/cbsession/groups.toml:3:1: groups.\"a,b\": no node set could name such a group\n"
        "/config/cbsession/groups.toml:4:8: groups.none: has no hosts\n"
        "/config/cbsession/groups.toml:6:1: sources.lab.ansibel: unknown key; did you mean ansible?\n"
        "/config/cbsession/groups.toml:7:14: sources.lab.timeout_ms: must be from 1 to 3600000\n"
        "/config/cbsession/groups.toml:11:2: other: unknown key; there are [groups] and [sources.NAME]");
  auto fault = [](std::string_view text) { return World(text).group("web").substr(36); };
  CHECK(fault("[sources.x]\ncommand = \"x\"\nansible = \"y\"\n") ==
        "2:1: sources.x: needs one of ansible, clustershell and command");
  CHECK(fault("[sources.x]\nansible = \"y\"\nlist = \"x\"\n") == "2:1: sources.x: list and all go with command");
  CHECK(fault("groups = 1\n") == "1:10: groups: expected a table, found an integer");
  CHECK(fault("[groups\n").starts_with("1:8: not TOML"));
}

TEST_CASE("sources are asked in the order of the file, after its own groups") {
  World world("[groups]\nweb = \"own\"\n[sources.b]\nansible = \"hosts\"\n[sources.a]\nclustershell = \"~/a.cfg\"\n");
  world.folder.write("config/cbsession/hosts", "[web]\nansible1\n[db]\nansible2\n");
  world.folder.write("home/a.cfg", "db: cluster1\n# this\n\nweb:cluster2 \nio: @db,@b:web,u@@db\nio: cluster3\n");
  CHECK(world.group("web") == "own");
  CHECK(world.group("db") == "ansible2");
  CHECK(world.group("a:db") == "cluster1");
  CHECK(world.group("io") == "@a:db,@b:web,u@@a:db,cluster3");
  CHECK(world.all() == "@web,@b:*,@a:*");
  CHECK(world.all("b") == "ansible1,ansible2");
  CHECK(world.all("a") == "@a:db,@a:web,@a:io");
  CHECK(world.group("cloud:db") == "ERROR there is no source of groups called cloud; there are b, a");
  CHECK(world.group("a:nowhere") == "none");
  CHECK(listed(*world.userGroups().names()) == ":web b:all b:ungrouped b:web b:db a:db a:web a:io");
}

TEST_CASE("ClusterShell's own groups need no configuration") {
  World world;
  CHECK(world.group("web") == "none");
  CHECK(world.all() == "ERROR there are no groups of hosts. Next: see cbsession-groups(5)");
  world.folder.write("etc/clustershell/groups.d/local.cfg", "web: system\nall: w1,w2\n");
  world.folder.write("etc/clustershell/groups.d/roles.cfg", "db: system\n");
  CHECK(world.group("web") == "system");
  CHECK(world.all() == "@local:*,@roles:*");
  CHECK(world.all("local") == "@local:all");
  world.folder.write("config/clustershell/groups.d/local.cfg", "web: user\n");
  CHECK(world.group("local:web") == "user");
  CHECK(world.group("roles:db") == "system");
  world.environment["CLUSTERSHELL_CFGDIR"] = world.folder.makeFolder("named");
  world.folder.makeFolder("named/groups.d");
  world.folder.write("named/groups.d/local.cfg", "web: named\n");
  CHECK(world.group("web") == "named");
  world.folder.write("etc/clustershell/groups.d/odd.cfg", "db system\n");
  CHECK(world.group("odd:db") == "ERROR /etc/clustershell/groups.d/odd.cfg:1: expected group: nodes");
}

TEST_CASE("with a file of groups ClusterShell's are found, and are not among all") {
  World world("[groups]\nweb = \"own\"\n");
  world.folder.write("etc/clustershell/groups.d/local.cfg", "web: x\ndb: y\n");
  CHECK(world.group("db") == "y");
  CHECK(world.group("web") == "own");
  CHECK(world.all() == "@web");
}

TEST_CASE("a group that may be in a file that is not read is not said to be missing") {
  World world;
  world.folder.write("etc/clustershell/groups.d/cluster.yaml", "roles:\n  db: x\n");
  CHECK(
      world.group("db").starts_with("ERROR there is no group db in what is read, which "
                                    "/etc/clustershell/groups.d/cluster.yaml is not, as it is YAML"));
}

TEST_CASE("a command prints the hosts of a group, and is asked once") {
  World world;
  world.folder.write("config/cbsession/groups.toml",
                     "[sources.cloud]\ncommand = 'echo . >>" + world.folder.path("asked") +
                         "; echo \"$GROUP\"1 \"$GROUP\"2; echo db[1-2]'\nlist = \"echo a; echo b\"\n");
  auto groups = world.userGroups();
  CHECK(world.said(groups.group("", "w x;y")) == "w,x;y1,w,x;y2,db[1-2]");
  groups.group("cloud", "w x;y");
  CHECK(test::readFile(world.folder.path("asked")) == ".\n");
  CHECK(*groups.all("cloud") == "@cloud:a,@cloud:b");
  CHECK(listed(*groups.names()) == "cloud:a cloud:b");
}

TEST_CASE("a command without an answer is no group, one that fails or is late an error") {
  auto ask = [](const std::string& lines) {
    World world("[sources.cloud]\n" + lines);
    return world.group("cloud:web");
  };
  CHECK(ask("command = 'true'\n") == "none");
  CHECK(ask("command = 'echo no such cloud >&2; exit 3'\n") ==
        "ERROR the source cloud could not be asked: `echo no such cloud >&2; exit 3` exited with status 3: no such "
        "cloud");
  CHECK(ask("command = 'sleep 60'\ntimeout_ms = 50\n") ==
        "ERROR the source cloud could not be asked: `sleep 60` did not end within 50 ms");
  CHECK(ask("command = 'cat /dev/zero'\n").find("printed more than 16777216 bytes") != std::string::npos);
  CHECK(World("[sources.cloud]\ncommand = 'true'\n").all() == "@cloud:*");
  CHECK(World("[sources.cloud]\ncommand = 'true'\n").all("cloud") ==
        "ERROR the source cloud does not know all its hosts. Next: give it `all` or `list`");
  CHECK(World("[sources.cloud]\ncommand = 'true'\nall = 'echo a b'\n").all("cloud") == "a,b");
}

TEST_CASE("names that can be read are had although a source fails or takes its time") {
  World world(
      "[groups]\nweb = \"x\"\n[sources.bad]\nansible = \"/nonexistent\"\n[sources.slow]\ncommand = 'true'\n"
      "list = 'sleep 60'\n[sources.good]\ncommand = 'true'\nlist = 'echo a'\n");
  world.longestMs = 200;
  CHECK(listed(world.userGroups().readableNames()) == ":web good:a");
  CHECK_FALSE(world.userGroups().names());
}

}  // namespace
}  // namespace cbs::cli
