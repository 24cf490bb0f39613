// Where metrics and health are served.
#include "agentd/http/entrance.h"
#include "tests/support/ports.h"
#include "tests/support/temp_folder.h"
#include "tests/support/text.h"

#include <kj/debug.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <utility>

namespace cbs::http {
namespace {

TEST_CASE("an address is numeric or localhost, with a port, or a path") {
  CHECK(parseListenAddress("127.0.0.1:9461")->loopback);
  CHECK(parseListenAddress("localhost:9461")->loopback);
  CHECK(parseListenAddress("[::1]:9461")->loopback);
  CHECK_FALSE(parseListenAddress("0.0.0.0:9461")->loopback);
  CHECK_FALSE(parseListenAddress("*:9461")->loopback);
  CHECK_FALSE(parseListenAddress("[::]:9461")->loopback);
  CHECK(parseListenAddress("unix:/run/x")->path == "/run/x");
  for (const char* bad : {"host.example:9461", "127.0.0.1", "127.0.0.1:", ":9461", "127.0.0.1:99999", "::1:9461",
                          "[::1]9461", "unix:relative", "unix:/folder/", "127.0.0.1:12x"}) {
    INFO(bad);
    CHECK_FALSE(parseListenAddress(bad));
  }
}

TEST_CASE("this machine goes by its own name as well") {
  char name[256] = {};
  REQUIRE(gethostname(name, sizeof(name) - 1) == 0);
  CHECK(namesThisMachine(name));
  CHECK(namesThisMachine(std::string(name) + ":80"));
  CHECK_FALSE(namesThisMachine(std::string(name) + "x"));
  CHECK_FALSE(namesThisMachine(""));
}

mode_t modeOf(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

TEST_CASE("a socket is for its owner and group, goes at the end, and takes the place of a dead one only") {
  test::TempFolder folder;
  auto path = folder.path("http.sock");
  ListenAddress address{.path = path};
  {
    auto socket = ListeningSocket::open(address);
    REQUIRE(socket);
    CHECK(modeOf(path) == 0660);
    auto second = ListeningSocket::open(address);
    REQUIRE_FALSE(second);
    CHECK(test::contains(second.error().detail, "another program listens"));
  }
  CHECK(access(path.c_str(), F_OK) != 0);

  // What a dead daemon leaves behind.
  sockaddr_un dead{};
  dead.sun_family = AF_UNIX;
  strcpy(dead.sun_path, path.c_str());
  test::UniqueFd left(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(bind(left.get(), reinterpret_cast<sockaddr*>(&dead), sizeof(dead)) == 0);
  left.close();
  CHECK(ListeningSocket::open(address));
}

TEST_CASE("a file is never taken for a socket that somebody left") {
  test::TempFolder folder;
  auto path = folder.write("precious", "data");
  auto opened = ListeningSocket::open({.path = path});
  REQUIRE_FALSE(opened);
  CHECK(test::contains(opened.error().detail, "is no socket"));
  CHECK(test::readFile(path) == "data");
  CHECK_FALSE(ListeningSocket::open({.path = folder.path("missing/http.sock")}));
}

class SilentAgent final : public schema::Agent::Server {};

TEST_CASE("an address that is taken is a fault, until it is free") {
  auto io = kj::setupAsyncIo();
  kj::TimerImpl timer(kj::origin<kj::TimePoint>());
  Loop loop{io.unixEventPort, timer, *io.lowLevelProvider};
  auto taken = test::boundSocket(1);
  auto address = "127.0.0.1:" + std::to_string(test::portOf(taken.get()));
  Config::Metrics config;
  Entrance entrance(loop, address, kj::heap<SilentAgent>(), config);
  CHECK(test::contains(entrance.fault(), address + ": Address already in use"));
  taken.close();
  timer.advanceTo(timer.now() + 1 * kj::SECONDS);
  io.waitScope.poll();
  CHECK(entrance.fault() == "");
}

// Fails at the first connection.
class ShortOfDescriptors final : public kj::LowLevelAsyncIoProvider {
 public:
  explicit ShortOfDescriptors(kj::LowLevelAsyncIoProvider& inner) : inner_(inner) {}
  kj::Own<kj::AsyncIoStream> wrapSocketFd(int fd, kj::uint flags) override {
    if (std::exchange(failed_, true)) return inner_.wrapSocketFd(fd, flags);
    kj::AutoCloseFd closed(fd);
    KJ_FAIL_REQUIRE("no space for one more");
  }
  kj::Own<kj::AsyncInputStream> wrapInputFd(int, kj::uint) override { KJ_UNIMPLEMENTED("not used"); }
  kj::Own<kj::AsyncOutputStream> wrapOutputFd(int, kj::uint) override { KJ_UNIMPLEMENTED("not used"); }
  kj::Promise<kj::Own<kj::AsyncIoStream>> wrapConnectingSocketFd(int, const sockaddr*, kj::uint, kj::uint) override {
    KJ_UNIMPLEMENTED("not used");
  }
  kj::Own<kj::ConnectionReceiver> wrapListenSocketFd(int, NetworkFilter&, kj::uint) override {
    KJ_UNIMPLEMENTED("not used");
  }
  kj::Timer& getTimer() override { return inner_.getTimer(); }

 private:
  kj::LowLevelAsyncIoProvider& inner_;
  bool failed_ = false;
};

TEST_CASE("who cannot go on to listen says so, and begins anew") {
  auto io = kj::setupAsyncIo();
  kj::TimerImpl timer(kj::origin<kj::TimePoint>());
  ShortOfDescriptors provider(*io.lowLevelProvider);
  Loop loop{io.unixEventPort, timer, provider};
  test::TempFolder folder;
  auto path = folder.path("http.sock");
  Config::Metrics config;
  Entrance entrance(loop, "unix:" + path, kj::heap<SilentAgent>(), config);
  CHECK(entrance.fault() == "");
  auto connect = [&]() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    strcpy(address.sun_path, path.c_str());
    test::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    return socket;
  };
  auto first = connect();
  for (int i = 0; i < 3; ++i) io.waitScope.poll();
  CHECK(test::contains(entrance.fault(), "no space for one more"));
  timer.advanceTo(timer.now() + 1 * kj::SECONDS);
  io.waitScope.poll();
  CHECK(entrance.fault() == "");
  auto second = connect();
}

TEST_CASE("a name that would have to be looked up is a fault") {
  auto io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  Config::Metrics config;
  Entrance entrance(loop, "metrics.example:9461", kj::heap<SilentAgent>(), config);
  CHECK(test::contains(entrance.fault(), "has to be numeric"));
}

}  // namespace
}  // namespace cbs::http
