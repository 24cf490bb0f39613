#include "tests/support/small_disk.h"
#include "tests/unit/transfer/transfer_world.h"

#include <sys/stat.h>

namespace cbs::transfer {
namespace {

TEST_CASE("a file of any size arrives as it is, and nothing else is left beside it") {
  TransferWorld world;
  for (size_t size : {size_t(0), size_t(1), size_t(261'120), size_t(261'121), size_t(100) << 20}) {
    std::string content = randomBytes(size);
    auto moved = world.upload(content, world.remote("file"));
    REQUIRE(moved);
    REQUIRE(world.destination == world.remote("file"));
    bool same = test::readFile(world.remote("file")) == content;
    REQUIRE(same);
    REQUIRE(world.remoteNames() == std::vector<std::string>{"file"});
  }
}

TEST_CASE("an upload keeps mode and time, and replaces a file with another one") {
  TransferWorld world;
  world.writeRemote("file", "old");
  auto source = world.source("#!/bin/sh");
  REQUIRE(world.upload(source, {world.remote("file"), "", 9, 0750, 1'600'000'000'500}));
  struct stat about;
  REQUIRE(stat(world.remote("file").c_str(), &about) == 0);
  REQUIRE((about.st_mode & 07777) == 0750);
  REQUIRE(about.st_mtime == 1'600'000'000);
  REQUIRE(test::readFile(world.remote("file")) == "#!/bin/sh");
}

TEST_CASE("an upload into a directory takes the name it is given") {
  TransferWorld world;
  auto source = world.source("x");
  REQUIRE(world.upload(source, {world.remote(), "inside", 1, 0644, 0}));
  REQUIRE(world.destination == world.remote("inside"));
  REQUIRE(test::readFile(world.remote("inside")) == "x");

  auto refused = world.upload(source, {world.remote(), "", 1, 0644, 0});
  REQUIRE(refused.error().reason == Reason::IS_DIRECTORY);
  std::filesystem::create_directory(world.remote("folder"));
  REQUIRE(world.upload(source, {world.remote(), "folder", 1, 0644, 0}).error().reason == Reason::IS_DIRECTORY);
}

TEST_CASE("an upload through a symbolic link leaves the link and replaces the file") {
  TransferWorld world;
  world.writeRemote("real", "old");
  std::filesystem::create_symlink("real", world.remote("link"));
  REQUIRE(world.upload("new", world.remote("link")));
  REQUIRE(std::filesystem::is_symlink(world.remote("link")));
  REQUIRE(test::readFile(world.remote("real")) == "new");
}

TEST_CASE("a relative path starts at the home directory, as does a tilde") {
  TransferWorld world;
  for (const char* path : {"cbs-upload-test", "~/cbs-upload-test"}) {
    REQUIRE(world.upload("home", path));
    REQUIRE(world.destination.ends_with("/cbs-upload-test"));
    REQUIRE(world.destination.starts_with("/"));
    REQUIRE(test::readFile(world.destination) == "home");
    std::filesystem::remove(world.destination);
  }
}

TEST_CASE("what stands in an upload's way is named") {
  TransferWorld world;
  auto missing = world.upload("x", world.remote("no/such/file"));
  REQUIRE(missing.error().reason == Reason::NOT_FOUND);
  REQUIRE(missing.error().detail == world.remote("no/such"));
  REQUIRE(world.upload("x", world.remote("no/")).error().reason == Reason::NOT_FOUND);

  auto device = world.upload("x", "/dev/null");
  REQUIRE(device.error().reason == Reason::ALREADY_EXISTS);

  std::filesystem::create_directory(world.remote("locked"));
  if (geteuid() == 0) test::giveToTestAccount(world.remote("locked"));
  std::filesystem::permissions(world.remote("locked"), std::filesystem::perms(0500));
  auto locked = world.upload("x", world.remote("locked/file"));
  REQUIRE(locked.error().reason == Reason::PERMISSION_DENIED);
  REQUIRE(locked.error().detail == world.remote("locked"));
  REQUIRE(world.temporary.empty());
}

TEST_CASE("the longest name that a file may have can be uploaded") {
  TransferWorld world;
  std::string name(255, 'n');
  REQUIRE(world.upload("x", world.remote(name)));
  REQUIRE(world.remoteNames() == std::vector<std::string>{name});
}

TEST_CASE("a source that is not as it was said to be is not taken for the file") {
  TransferWorld world;
  auto source = world.source("four");
  REQUIRE(world.upload(source, {world.remote("f"), "", 3, 0644, 0}).error().reason == Reason::LOCAL_IO);

  SECTION("because it grows while it is read") {
    std::string content = randomBytes(1 << 20);
    auto growing = world.source(content);
    UploadPlan plan{world.remote("f"), "", content.size(), 0644, 0};
    Progress progress{world.sum};
    Upload upload(*world.sftp, growing, plan, progress);
    auto moving = upload.run();
    std::ofstream(world.local.path("source"), std::ios::app) << "more";
    auto moved = kj::mv(moving).promise().wait(world.io.waitScope);
    REQUIRE(moved.error().reason == Reason::LOCAL_IO);
    REQUIRE_FALSE(std::filesystem::exists(world.remote("f")));
    REQUIRE(std::filesystem::exists(upload.temporary()));  // for the caller to remove
  }
}

TEST_CASE("two uploads to one name at once leave one of the two files whole") {
  TransferWorld world;
  std::string content[2] = {randomBytes(3 << 20), randomBytes(4 << 20)};
  LocalFile sources[2] = {
      world.open(world.local.write("one", content[0]), O_RDONLY, LocalFile::Use::READ),
      world.open(world.local.write("two", content[1]), O_RDONLY, LocalFile::Use::READ),
  };
  UploadPlan plans[2] = {{world.remote("f"), "", content[0].size(), 0644, 0},
                         {world.remote("f"), "", content[1].size(), 0644, 0}};
  Progress progress{world.sum};
  Upload first(*world.sftp, sources[0], plans[0], progress);
  Upload second(*world.sftp, sources[1], plans[1], progress);
  auto firstMove = first.run();
  auto secondMove = second.run();
  REQUIRE(kj::mv(firstMove).promise().wait(world.io.waitScope));
  REQUIRE(kj::mv(secondMove).promise().wait(world.io.waitScope));
  std::string arrived = test::readFile(world.remote("f"));
  bool whole = arrived == content[0] || arrived == content[1];
  REQUIRE(whole);
  REQUIRE(world.remoteNames() == std::vector<std::string>{"f"});
}

TEST_CASE("a host whose disk is full says so, and keeps the old file") {
  TransferWorld world;
  test::SmallDisk disk(world.remote(), 1 << 20);
  if (!disk.mounted()) SKIP("only root can mount a small disk");
  world.writeRemote("file", "old");
  auto refused = world.upload(randomBytes(4 << 20), world.remote("file"));
  REQUIRE(refused.error().reason == Reason::NO_SPACE);
  REQUIRE(refused.error().fact("remotePath") == world.remote("file"));
  REQUIRE(test::readFile(world.remote("file")) == "old");
}

}  // namespace
}  // namespace cbs::transfer
