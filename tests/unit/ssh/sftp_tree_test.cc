#include "tests/unit/ssh/sftp_world.h"

#include <sys/stat.h>

#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace cbs::ssh {
namespace {

struct TreeWorld : SftpWorld {
  explicit TreeWorld(test::SshdOptions options = {}) : SftpWorld(std::move(options)), sftp(start().value()) {}

  void write(const std::string& name, const std::string& content) {
    auto file = must(sftp->open(remote(name), SFTP_WRITE | SFTP_CREATE, 0600));
    if (!content.empty()) must(sftp->write(file, 0, bytesOf(content)));
    must(sftp->close(file));
  }
  std::vector<SftpName> list(const std::string& path) {
    auto directory = must(sftp->openDirectory(path));
    std::vector<SftpName> all;
    while (auto some = must(sftp->readDirectory(directory))) all.insert(all.end(), some->begin(), some->end());
    must(sftp->close(directory));
    return all;
  }
  std::set<std::string> namesIn(const std::string& path) {
    std::set<std::string> names;
    for (const auto& name : list(path)) names.insert(name.name);
    return names;
  }

  kj::Own<Sftp> sftp;
};

TEST_CASE("folders are made, listed and removed over SFTP") {
  TreeWorld world;
  world.must(world.sftp->makeDirectory(world.remote("d"), 0750));
  REQUIRE((world.must(world.sftp->stat(world.remote("d"))).mode.value() & 07777) == 0750);
  REQUIRE(world.namesIn(world.remote("d")).empty());

  world.write("d/file", "hello");
  world.must(world.sftp->makeDirectory(world.remote("d/sub"), 0700));
  REQUIRE(world.namesIn(world.remote("d")) == std::set<std::string>{"file", "sub"});
  for (const auto& name : world.list(world.remote("d"))) {
    REQUIRE(name.attributes.isDirectory() == (name.name == "sub"));
    REQUIRE(name.attributes.owner == world.must(world.sftp->stat(world.remote("d"))).owner);
    REQUIRE(name.longName.find(name.name) != std::string::npos);
    if (name.name == "file") REQUIRE(name.attributes.size == 5);
  }

  REQUIRE(world.reasonOf(world.sftp->removeDirectory(world.remote("d"))) == Reason::REMOTE_IO);
  world.must(world.sftp->removeDirectory(world.remote("d/sub")));
  REQUIRE(world.reasonOf(world.sftp->linkStat(world.remote("d/sub"))) == Reason::NOT_FOUND);
  REQUIRE(world.reasonOf(world.sftp->makeDirectory(world.remote("d"), 0700)) == Reason::REMOTE_IO);
}

TEST_CASE("a folder with more names than a message holds is listed whole") {
  TreeWorld world;
  world.must(world.sftp->makeDirectory(world.remote("many"), 0700));
  std::vector<Task<Expected<void>>> made;
  std::set<std::string> names;
  for (int i = 0; i < 1500; ++i) {
    std::string name = std::to_string(i) + std::string(100, 'x');
    made.push_back(world.sftp->makeLink(world.remote("many/" + name), "nowhere"));
    names.insert(name);
  }
  for (auto& link : made) world.must(kj::mv(link));
  REQUIRE(world.namesIn(world.remote("many")) == names);
}

TEST_CASE("names in a folder are bytes of any kind") {
  TreeWorld world;
  world.must(world.sftp->makeDirectory(world.remote("odd"), 0700));
  const std::set<std::string> names{"a\nb", "\xff\xfe", "-x", "it's", "\\", "..."};
  for (const auto& name : names) world.write("odd/" + name, "");
  REQUIRE(world.namesIn(world.remote("odd")) == names);
}

TEST_CASE("a symbolic link can be made, read, and told from what it leads to") {
  TreeWorld world;
  world.write("file", "hello");
  world.must(world.sftp->makeLink(world.remote("link"), "file"));
  REQUIRE(world.must(world.sftp->readLink(world.remote("link"))) == "file");
  REQUIRE(world.must(world.sftp->linkStat(world.remote("link"))).isLink());
  auto target = world.must(world.sftp->stat(world.remote("link")));
  REQUIRE_FALSE(target.isLink());
  REQUIRE(target.size == 5);

  world.must(world.sftp->makeLink(world.remote("broken"), "no/such"));
  REQUIRE(world.must(world.sftp->linkStat(world.remote("broken"))).isLink());
  REQUIRE(world.reasonOf(world.sftp->stat(world.remote("broken"))) == Reason::NOT_FOUND);
  REQUIRE_FALSE(world.wait(world.sftp->readLink(world.remote("file"))));
  REQUIRE_FALSE(world.wait(world.sftp->makeLink(world.remote("file"), "elsewhere")));
}

TEST_CASE("a hard link is another name of the same file") {
  TreeWorld world;
  world.write("file", "hello");
  world.must(world.sftp->makeHardLink(world.remote("file"), world.remote("second")));
  struct stat about;
  REQUIRE(::stat(world.remote("second").c_str(), &about) == 0);
  REQUIRE(about.st_nlink == 2);
}

TEST_CASE("an open file is examined by its handle") {
  TreeWorld world;
  world.write("file", "hello");
  auto file = world.must(world.sftp->open(world.remote("file"), SFTP_READ | SFTP_WRITE));
  world.must(world.sftp->remove(world.remote("file")));
  REQUIRE(world.must(world.sftp->stat(file)).size == 5);
  world.must(world.sftp->sync(file));
}

TEST_CASE("the mode and time of a folder are set by its path") {
  TreeWorld world;
  world.must(world.sftp->makeDirectory(world.remote("d"), 0700));
  SftpAttributes wanted;
  wanted.mode = 0510;
  wanted.mtime = 1'000'000'000;
  world.must(world.sftp->setAttributes(world.remote("d"), wanted));
  auto attributes = world.must(world.sftp->stat(world.remote("d")));
  REQUIRE(attributes.mode == (S_IFDIR | 0510u));
  REQUIRE(attributes.mtime == 1'000'000'000);
}

TEST_CASE("free space is told for a folder that is there") {
  TreeWorld world;
  REQUIRE(world.must(world.sftp->freeSpace(world.sshd.remoteFolder())) > 0);
  REQUIRE(world.reasonOf(world.sftp->freeSpace(world.remote("missing"))) == Reason::NOT_FOUND);
}

TEST_CASE("a server that cannot replace by a rename loses no file") {
  TreeWorld world({.lines = {"Match all", "ForceCommand internal-sftp -P posix-rename,fsync,hardlink"}});
  world.write("old", "old");
  REQUIRE(world.reasonOf(world.sftp->rename(world.remote("missing"), world.remote("old"))) == Reason::NOT_FOUND);
  REQUIRE(test::readFile(world.remote("old")) == "old");
  world.write("new", "new");
  world.must(world.sftp->rename(world.remote("new"), world.remote("old")));
  REQUIRE(test::readFile(world.remote("old")) == "new");

  auto file = world.must(world.sftp->open(world.remote("old"), SFTP_READ));
  world.must(world.sftp->sync(file));
  REQUIRE(world.reasonOf(world.sftp->makeHardLink(world.remote("old"), world.remote("x"))) == Reason::REMOTE_IO);
}

TEST_CASE("a file stays where the server forbids to rename another one over it") {
  TreeWorld world({.lines = {"Match all", "ForceCommand internal-sftp -P posix-rename,rename"}});
  world.write("old", "old");
  world.write("new", "new");
  REQUIRE(world.reasonOf(world.sftp->rename(world.remote("new"), world.remote("old"))) == Reason::PERMISSION_DENIED);
  REQUIRE(test::readFile(world.remote("old")) == "old");
}

TEST_CASE("a folder is not moved aside for a file") {
  TreeWorld world({.lines = {"Match all", "ForceCommand internal-sftp -P posix-rename"}});
  world.must(world.sftp->makeDirectory(world.remote("old"), 0700));
  world.write("new", "new");
  REQUIRE(world.reasonOf(world.sftp->rename(world.remote("new"), world.remote("old"))) == Reason::REMOTE_IO);
  REQUIRE(world.namesIn(world.sshd.remoteFolder()) == std::set<std::string>{"new", "old"});
}

TEST_CASE("a rename that is given up, and whose new file is removed then, loses no file") {
  TreeWorld world({.lines = {"Match all", "ForceCommand internal-sftp -P posix-rename"}});
  const int roundTrips = GENERATE(0, 1, 2, 3, 4, 5, 6, 7);
  world.write("old", "old");
  world.write("new", "new");
  {
    auto dropped = world.sftp->rename(world.remote("new"), world.remote("old"));
    for (int i = 0; i < roundTrips; ++i) world.must(world.sftp->realPath("."));
  }
  world.wait(world.sftp->remove(world.remote("new")));
  for (int i = 0; i < 8; ++i) world.must(world.sftp->realPath("."));
  REQUIRE(world.namesIn(world.sshd.remoteFolder()) == std::set<std::string>{"old"});
  REQUIRE_FALSE(test::readFile(world.remote("old")).empty());
}

// A server that begins in order and then gives one answer, which is prepared.
struct LyingWorld {
  LyingWorld(SftpType type, const std::string& body, const std::string& extension = "")
      : world({.lines = {"Match all", prepare(type, body, extension)}}), sftp(world.start().value()) {}

  std::string prepare(SftpType type, const std::string& body, const std::string& extension) {
    std::string extensions = extension.empty() ? "" : core::WireWriter().string(extension).string("1").bytes();
    auto version = folder.write("version", textOf(frameSftp(SftpType::VERSION, 3, extensions, 0)), 0644);
    auto answer = folder.write("answer", textOf(frameSftp(type, 4, body, 0)), 0644);
    return "ForceCommand head -c 9 >/dev/null; cat " + version + "; head -c 1 >/dev/null; cat " + answer +
           "; cat >/dev/null";
  }
  Sftp::File directory() { return {"/d", "h"}; }

  test::TempFolder folder;
  SftpWorld world;
  kj::Own<Sftp> sftp;
};

TEST_CASE("a list with fewer names than it says is refused") {
  LyingWorld lying(SftpType::NAME, core::WireWriter().uint32(0xffffffff).string("a").string("a").uint32(0).bytes());
  auto names = lying.world.wait(lying.sftp->readDirectory(lying.directory()));
  REQUIRE(names.error().reason == Reason::REMOTE_IO);
  REQUIRE(names.error().fact("remotePath") == "/d");
}

TEST_CASE("a list without a name ends a folder") {
  LyingWorld lying(SftpType::NAME, core::WireWriter().uint32(0).bytes());
  REQUIRE_FALSE(lying.world.must(lying.sftp->readDirectory(lying.directory())));
}

TEST_CASE("a name with more attributes than the message holds is refused") {
  core::WireWriter body;
  body.uint32(1).string("a").string("a").uint32(0x80000000).uint32(0xffffffff);
  LyingWorld lying(SftpType::NAME, body.bytes());
  REQUIRE_FALSE(lying.world.wait(lying.sftp->readDirectory(lying.directory())));
}

TEST_CASE("attributes that are cut short are refused") {
  LyingWorld lying(SftpType::ATTRS, core::WireWriter().uint32(0x05).uint64(7).bytes());
  REQUIRE(lying.world.reasonOf(lying.sftp->stat("/f")) == Reason::REMOTE_IO);
}

TEST_CASE("a handle that is longer than any may be is refused") {
  LyingWorld lying(SftpType::HANDLE, core::WireWriter().string(std::string(257, 'h')).bytes());
  REQUIRE(lying.world.reasonOf(lying.sftp->openDirectory("/d")) == Reason::REMOTE_IO);
}

TEST_CASE("a link that leads to what no path can be is refused") {
  auto target = GENERATE(std::string(), std::string("a\0b", 3));
  LyingWorld lying(SftpType::NAME, core::WireWriter().uint32(1).string(target).string("").uint32(0).bytes());
  REQUIRE(lying.world.reasonOf(lying.sftp->readLink("/l")) == Reason::REMOTE_IO);
}

TEST_CASE("of a server's words about a failure no more than some are kept") {
  LyingWorld lying(SftpType::STATUS, core::WireWriter().uint32(4).string(std::string(200'000, 'w')).bytes());
  auto result = lying.world.wait(lying.sftp->remove("/f"));
  REQUIRE(result.error().detail.size() < 1000);
}

TEST_CASE("more free space than a number holds is as much as it holds") {
  core::WireWriter body;
  for (int i = 0; i < 11; ++i) body.uint64(uint64_t{1} << 60);
  LyingWorld lying(SftpType::EXTENDED_REPLY, body.bytes(), "statvfs@openssh.com");
  REQUIRE(lying.world.must(lying.sftp->freeSpace("/")) == UINT64_MAX);
}

}  // namespace
}  // namespace cbs::ssh
