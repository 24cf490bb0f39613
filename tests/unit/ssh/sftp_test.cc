#include "agentd/ssh/sftp.h"

#include "tests/unit/ssh/sftp_world.h"

#include <sys/stat.h>

#include <vector>

namespace cbs::ssh {
namespace {

TEST_CASE("a file that is written over SFTP can be examined, read, renamed and removed") {
  SftpWorld world;
  auto sftp = world.start().value();
  auto file = world.must(sftp->open(world.remote("a"), SFTP_WRITE | SFTP_CREATE | SFTP_EXCLUSIVE, 0600));
  world.must(sftp->write(file, 0, bytesOf("hello ")));
  world.must(sftp->write(file, 6, bytesOf("world")));
  SftpAttributes wanted;
  wanted.mode = 0640;
  wanted.mtime = 1'000'000'000;
  world.must(sftp->setAttributes(file, wanted));
  world.must(sftp->close(file));

  auto attributes = world.must(sftp->stat(world.remote("a")));
  REQUIRE(attributes.size == 11);
  REQUIRE(attributes.mode == (S_IFREG | 0640u));
  REQUIRE(attributes.mtime == 1'000'000'000);
  REQUIRE(world.must(sftp->stat(world.sshd.remoteFolder())).isDirectory());

  auto reading = world.must(sftp->open(world.remote("a"), SFTP_READ));
  REQUIRE(textOf(world.must(sftp->read(reading, 6, 100))) == "world");
  REQUIRE(world.must(sftp->read(reading, 11, 100)).size() == 0);

  world.must(sftp->rename(world.remote("a"), world.remote("b")));
  REQUIRE(test::readFile(world.remote("b")) == "hello world");
  world.must(sftp->remove(world.remote("b")));
  REQUIRE(world.reasonOf(sftp->stat(world.remote("b"))) == Reason::NOT_FOUND);
}

TEST_CASE("many SFTP requests are under way at once, and one that is given up harms no other") {
  SftpWorld world;
  auto sftp = world.start().value();
  auto file = world.must(sftp->open(world.remote("big"), SFTP_READ | SFTP_WRITE | SFTP_CREATE, 0600));
  std::vector<Task<Expected<void>>> writes;
  for (int i = 0; i < 200; ++i) {
    writes.push_back(sftp->write(file, i * 10'000, bytesOf(std::string(10'000, 'a' + i % 26))));
  }
  { auto dropped = sftp->read(file, 0, 32'000); }
  for (auto& write : writes) world.must(kj::mv(write));
  REQUIRE(textOf(world.must(sftp->read(file, 25 * 10'000, 10'000))) == std::string(10'000, 'z'));
}

TEST_CASE("a server's limits are learned") {
  SftpWorld world;
  auto sftp = world.start().value();
  REQUIRE(sftp->maxWrite() == 32 * 1024);
  world.must(sftp->stat("."));  // answered after the limits, which were asked for before
  REQUIRE(sftp->maxWrite() == 255 * 1024);
  REQUIRE(sftp->maxRead() == 255 * 1024);
}

TEST_CASE("a file is renamed over another one") {
  SftpWorld world;
  auto sftp = world.start().value();
  for (const char* name : {"old", "new"}) {
    auto file = world.must(sftp->open(world.remote(name), SFTP_WRITE | SFTP_CREATE, 0600));
    world.must(sftp->write(file, 0, bytesOf(name)));
    world.must(sftp->close(file));
  }
  world.must(sftp->rename(world.remote("new"), world.remote("old")));
  REQUIRE(test::readFile(world.remote("old")) == "new");
}

TEST_CASE("what a server refuses is told with its path") {
  SftpWorld world;
  auto sftp = world.start().value();
  auto missing = world.wait(sftp->open(world.remote("no/such/file"), SFTP_READ));
  REQUIRE(missing.error().reason == Reason::NOT_FOUND);
  REQUIRE(missing.error().fact("remotePath") == world.remote("no/such/file"));
  REQUIRE(world.reasonOf(sftp->open("/etc/shadow-of-nobody/x", SFTP_WRITE | SFTP_CREATE, 0600)) == Reason::NOT_FOUND);
  REQUIRE(world.reasonOf(sftp->open(world.sshd.remoteFolder(), SFTP_WRITE)) == Reason::REMOTE_IO);
}

TEST_CASE("a server without SFTP says so") {
  SECTION("with one that cannot be started") {
    SftpWorld world({.lines = {"Match all", "ForceCommand /bin/false"}});
    REQUIRE(world.start().error().reason == Reason::SFTP_UNAVAILABLE);
  }
  SECTION("with one that prints something else first") {
    SftpWorld world({.lines = {"Match all", "ForceCommand echo Welcome to this machine; cat"}});
    REQUIRE(world.start().error().reason == Reason::SFTP_UNAVAILABLE);
  }
}

TEST_CASE("a lost connection fails every SFTP request") {
  SftpWorld world;
  auto sftp = world.start().value();
  world.connection->close("the test ended it");
  auto result = world.wait(sftp->stat("."));
  REQUIRE(result.error().kind == ErrorKind::TRANSFER_FAILED);
  REQUIRE(result.error().reason == Reason::CONNECTION_LOST);
  REQUIRE(result.error().detail == "the test ended it");
  REQUIRE(sftp->broken());
}

TEST_CASE("a server that stays silent is given up") {
  SftpWorld world({.lines = {"Match all", "ForceCommand cat > /dev/null"}});
  auto result = world.wait(Sftp::start(world.loop, *world.channel, 50 * kj::MILLISECONDS));
  REQUIRE(result.error().kind == ErrorKind::TIMED_OUT);
}

TEST_CASE("an SFTP session that is dropped in the middle leaves its connection fit for others") {
  SftpWorld world;
  {
    auto sftp = world.start().value();
    auto file = world.must(sftp->open(world.remote("cut"), SFTP_WRITE | SFTP_CREATE, 0600));
    std::vector<Task<Expected<void>>> writes;
    for (int i = 0; i < 100; ++i) writes.push_back(sftp->write(file, 0, bytesOf(std::string(100'000, 'x'))));
    world.must(sftp->stat(world.sshd.remoteFolder()));  // some of it is on its way
    writes.clear();
    sftp = nullptr;
    world.channel = nullptr;
  }
  auto ran = world.must(run(*world.connection, "echo still here"));
  REQUIRE(ran.out == "still here\n");
  while (world.connection->channelsInUse() > 0) {
    world.loop.timer.afterDelay(1 * kj::MILLISECONDS).wait(world.io.waitScope);
  }
}

}  // namespace
}  // namespace cbs::ssh
