#include "agentd/transfer/listing.h"

#include "agentd/transfer/long_name.h"
#include "tests/unit/transfer/source_world.h"

#include <algorithm>

namespace cbs::transfer {
namespace {

using Names = std::vector<std::string>;

struct NotedLister : Lister {
  kj::Promise<void> files(std::string path, std::vector<Listed> files) override {
    calls.push_back(path);
    REQUIRE(files.size() <= 1000);
    for (auto& file : files) listed[path].push_back(kj::mv(file));
    return kj::READY_NOW;
  }
  kj::Promise<void> failed(PathError error) override {
    errors.push_back(kj::mv(error));
    return kj::READY_NOW;
  }
  Names names(const std::string& path) {
    Names names;
    for (const auto& file : listed[path]) names.push_back(file.name);
    std::sort(names.begin(), names.end());
    return names;
  }
  const Listed& at(const std::string& path, const std::string& name) {
    for (const auto& file : listed[path]) {
      if (file.name == name) return file;
    }
    FAIL("nothing listed as " << name);
    throw std::logic_error("unreachable");
  }
  Names calls;
  std::map<std::string, std::vector<Listed>> listed;
  std::vector<PathError> errors;
};

struct ListingWorld : SourceWorld {
  NotedLister list(const Names& names, bool itself = false) {
    NotedLister lister;
    Names paths;
    for (const auto& name : names) paths.push_back(remote(name));
    must(listOn(streams, paths, itself, lister));
    return lister;
  }
};

TEST_CASE("a folder of a host is listed with what the server knows about its files") {
  ListingWorld world;
  world.write("folder/a", "12345", 0640);
  world.write("folder/.hidden", "");
  world.makeFolder("folder/sub/deeper");
  world.link("folder/link", "sub");
  test::giveToTestAccount(world.remote("folder/a"));
  auto lister = world.list({"folder"});
  const auto folder = world.remote("folder");
  REQUIRE(lister.errors.empty());
  REQUIRE(lister.names(folder) == Names{".hidden", "a", "link", "sub"});
  const auto& file = lister.at(folder, "a");
  REQUIRE(file.entry.path.empty());
  REQUIRE(file.entry.size == 5);
  REQUIRE(file.entry.mode == 0640);
  struct stat about = {};
  REQUIRE(stat(world.remote("folder/a").c_str(), &about) == 0);
  REQUIRE(file.uid == about.st_uid);
  REQUIRE(file.gid == about.st_gid);
  REQUIRE(file.entry.mtimeS == about.st_mtime);
  REQUIRE(file.owner == world.sshd.user());
  REQUIRE_FALSE(file.group.empty());
  REQUIRE(lister.at(folder, "sub").entry.kind == Kind::DIRECTORY);
  REQUIRE(lister.at(folder, "link").entry.kind == Kind::LINK);
  REQUIRE(lister.at(folder, "link").entry.target == "sub");
}

TEST_CASE("files, links to folders and empty folders of a host are listed as ls does") {
  ListingWorld world;
  world.write("folder/a", "x");
  world.makeFolder("empty");
  world.link("link", "folder");
  world.link("dead", "nowhere");
  auto lister = world.list({"folder/a", "link", "empty", "dead"});
  REQUIRE(lister.errors.empty());
  REQUIRE(lister.calls == Names{"", world.remote("link"), world.remote("empty"), ""});
  REQUIRE(lister.at("", world.remote("folder/a")).entry.size == 1);
  REQUIRE(lister.names(world.remote("link")) == Names{"a"});
  REQUIRE(lister.names(world.remote("empty")).empty());
  REQUIRE(lister.at("", world.remote("dead")).entry.target == "nowhere");
}

TEST_CASE("paths of a host can be listed themselves") {
  ListingWorld world;
  world.write("folder/a", "x");
  world.link("link", "folder");
  auto lister = world.list({"folder", "link", "link/"}, true);
  REQUIRE(lister.errors.empty());
  REQUIRE(lister.at("", world.remote("folder")).entry.kind == Kind::DIRECTORY);
  REQUIRE(lister.at("", world.remote("link")).entry.kind == Kind::LINK);
  REQUIRE(lister.at("", world.remote("link/")).entry.kind == Kind::DIRECTORY);
}

TEST_CASE("patterns are listed, and paths of a host that are missing are told") {
  ListingWorld world;
  world.write("b.log", "");
  world.write("a.log", "");
  auto lister = world.list({"*.log", "none", "a.log/"});
  REQUIRE(lister.calls == Names{"", ""});
  REQUIRE(lister.names("") == Names{world.remote("a.log"), world.remote("b.log")});
  REQUIRE(lister.errors.size() == 2);
  REQUIRE(lister.errors[0].path == world.remote("none"));
  REQUIRE(lister.errors[0].error.reason == Reason::NOT_FOUND);
  REQUIRE(lister.errors[1].path == world.remote("a.log/"));
}

TEST_CASE("a large folder of a host is listed in batches") {
  ListingWorld world;
  world.makeFolder("large");
  for (int i = 0; i < 2'500; ++i) std::ofstream(world.remote("large/" + std::to_string(i)));
  auto lister = world.list({"large"});
  REQUIRE(lister.names(world.remote("large")).size() == 2'500);
  REQUIRE(lister.calls.size() == 3);
}

TEST_CASE("names of owners are taken from lines as ls prints them, and from no others") {
  auto namesIn = [](const std::string& line) {
    ssh::SftpAttributes attributes;
    attributes.owner = ssh::SftpAttributes::Owner{1000, 100};
    auto names = ownerNames({"name", line, attributes});
    return names.owner + ":" + names.group;
  };
  REQUIRE(namesIn("-rw-r--r--    1 ann      users         123 Jan  1 00:00 name") == "ann:users");
  REQUIRE(namesIn("drwxr-sr-t+   ? ann      users        4096 Jan  1  2020 name") == "ann:users");
  REQUIRE(namesIn("-rw-r--r--    1 1000     100           123 Jan  1 00:00 name") == ":");
  REQUIRE(namesIn("-rw-r--r--    1 1001     users         123 Jan  1 00:00 name") == "1001:users");
  REQUIRE(namesIn("name") == ":");
  REQUIRE(namesIn("") == ":");
  REQUIRE(namesIn("01-01-20 10:00 <DIR> name more words") == ":");
  REQUIRE(namesIn("-rw-r--r-- 1 two words users 123 Jan 1 00:00 name") == ":");
}

}  // namespace
}  // namespace cbs::transfer
