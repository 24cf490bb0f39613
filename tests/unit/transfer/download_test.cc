#include "tests/support/small_disk.h"
#include "tests/unit/transfer/transfer_world.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace cbs::transfer {
namespace {

TEST_CASE("a remote file of any size is fetched as it is") {
  TransferWorld world;
  for (size_t size : {size_t(0), size_t(1), size_t(261'120), size_t(261'121), size_t(100) << 20}) {
    std::string content = randomBytes(size);
    world.writeRemote("file", content);
    REQUIRE(world.download(world.remote("file")));
    bool same = world.downloaded() == content;
    REQUIRE(same);
  }
}

TEST_CASE("a download tells the file's mode and time") {
  TransferWorld world;
  world.writeRemote("file", "x");
  chmod(world.remote("file").c_str(), 0751);
  timespec times[2] = {{1'500'000'000, 0}, {1'600'000'000, 0}};
  utimensat(AT_FDCWD, world.remote("file").c_str(), times, 0);
  auto moved = world.download(world.remote("file"));
  REQUIRE(moved);
  REQUIRE(moved->mode == 0751);
  REQUIRE(moved->mtimeMs == 1'600'000'000'000);
}

TEST_CASE("a file whose size the server does not know is read to its end") {
  TransferWorld world;
  REQUIRE(world.download("/proc/cpuinfo"));
  REQUIRE(world.downloaded().size() > 100);
}

TEST_CASE("a file that grows while it is fetched is read to its new end") {
  TransferWorld world;
  std::string content = randomBytes(5 << 20);
  world.writeRemote("file", content);
  auto file = world.open(world.local.path("destination"), O_RDWR | O_CREAT, LocalFile::Use::WRITE);
  Progress progress{world.sum};
  Download download(*world.sftp, world.remote("file"), file, progress);
  auto moving = download.run();
  while (progress.bytes == 0) world.loop.timer.afterDelay(0 * kj::SECONDS).wait(world.io.waitScope);
  std::string more = randomBytes(700'000);
  std::ofstream(world.remote("file"), std::ios::app) << more << std::flush;
  REQUIRE(kj::mv(moving).promise().wait(world.io.waitScope));
  std::string arrived = world.downloaded();
  // How much of the growth was there in time is the server's affair, but what came is right.
  bool right = arrived.size() >= content.size() && (content + more).compare(0, arrived.size(), arrived) == 0;
  REQUIRE(right);
}

TEST_CASE("a file that shrinks while it is fetched is a failure") {
  TransferWorld world;
  world.writeRemote("file", randomBytes(30 << 20));
  auto file = world.open(world.local.path("destination"), O_RDWR | O_CREAT, LocalFile::Use::WRITE);
  Progress progress{world.sum};
  Download download(*world.sftp, world.remote("file"), file, progress);
  auto moving = download.run();
  while (progress.bytes == 0) world.loop.timer.afterDelay(0 * kj::SECONDS).wait(world.io.waitScope);
  REQUIRE(truncate(world.remote("file").c_str(), 1000) == 0);
  auto moved = kj::mv(moving).promise().wait(world.io.waitScope);
  REQUIRE(moved.error().reason == Reason::REMOTE_IO);
}

TEST_CASE("what cannot be fetched is named") {
  TransferWorld world;
  REQUIRE(world.download(world.remote("missing")).error().reason == Reason::NOT_FOUND);
  REQUIRE(world.download(world.remote()).error().reason == Reason::IS_DIRECTORY);
  REQUIRE(world.download("/dev/zero").error().reason == Reason::REMOTE_IO);
  REQUIRE(mkfifo(world.remote("pipe").c_str(), 0666) == 0);
  REQUIRE(world.download(world.remote("pipe")).error().reason == Reason::REMOTE_IO);
  world.writeRemote("secret", "x");
  chmod(world.remote("secret").c_str(), 0);
  auto secret = world.download(world.remote("secret"));
  REQUIRE(secret.error().reason == Reason::PERMISSION_DENIED);
  REQUIRE(secret.error().fact("remotePath") == world.remote("secret"));
}

TEST_CASE("only an open regular file takes part in a transfer") {
  TransferWorld world;
  auto pipe = test::makePipe();
  auto refused = LocalFile::adopt(world.loop, pipe.write.get(), LocalFile::Use::WRITE);
  REQUIRE(refused.error().reason == Reason::LOCAL_IO);
  test::UniqueFd readOnly(::open(world.local.write("f", "x").c_str(), O_RDONLY));
  REQUIRE_FALSE(LocalFile::adopt(world.loop, readOnly.get(), LocalFile::Use::WRITE));
  REQUIRE_FALSE(LocalFile::adopt(world.loop, -1, LocalFile::Use::READ));
}

TEST_CASE("a local disk that is full ends the download") {
  TransferWorld world;
  std::string folder = world.local.makeFolder("disk");
  test::SmallDisk disk(folder, 1 << 20);
  if (!disk.mounted()) SKIP("only root can mount a small disk");
  world.writeRemote("file", randomBytes(4 << 20));
  REQUIRE(world.download(world.remote("file"), "disk/destination").error().reason == Reason::NO_SPACE);
}

TEST_CASE("a file that may not become so large is a local failure") {
  TransferWorld world;
  world.writeRemote("file", randomBytes(4 << 20));
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small{1 << 20, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  auto moved = world.download(world.remote("file"));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  REQUIRE(moved.error().reason == Reason::LOCAL_IO);
}

}  // namespace
}  // namespace cbs::transfer
