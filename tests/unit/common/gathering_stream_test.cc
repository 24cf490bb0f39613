#include "common/gathering_stream.h"

#include <kj/io.h>
#include <sys/socket.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <string>

namespace cbs {
namespace {

// A socket whose one end is gathered; the other counts what arrives by the messages of a sequenced socket.
struct GatheringWorld {
  GatheringWorld() {
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    peer = kj::AutoCloseFd(ends[1]);
    stream = kj::heap<GatheringStream>(io.lowLevelProvider->wrapUnixSocketFd(kj::AutoCloseFd(ends[0])));
  }
  // What arrived as one write; "" if nothing has.
  std::string arrived() {
    std::string text(100'000, '\0');
    ssize_t length = recv(peer, text.data(), text.size(), 0);
    text.resize(length > 0 ? static_cast<size_t>(length) : 0);
    return text;
  }
  void turn() { io.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope); }
  void write(const std::string& text) { stream->write(text.data(), text.size()).wait(io.waitScope); }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::AutoCloseFd peer;
  kj::Own<GatheringStream> stream;
};

TEST_CASE("small writes of one turn arrive as one") {
  GatheringWorld world;
  auto first = world.stream->write("ab", 2);
  auto second = world.stream->write("cd", 2);
  kj::ArrayPtr<const kj::byte> pieces[] = {kj::StringPtr("e").asBytes(), kj::StringPtr("f").asBytes()};
  auto third = world.stream->write(pieces);
  CHECK(world.arrived().empty());
  world.turn();
  CHECK(world.arrived() == "abcdef");
  CHECK(world.arrived().empty());
}

TEST_CASE("a large write comes behind those that were kept, and others behind it") {
  GatheringWorld world;
  std::string large(50'000, 'x');
  auto first = world.stream->write("ab", 2);
  auto second = world.stream->write(large.data(), large.size());
  auto third = world.stream->write("cd", 2);
  second.wait(world.io.waitScope);
  world.turn();
  CHECK(world.arrived() == "ab");
  CHECK(world.arrived() == large);
  CHECK(world.arrived() == "cd");
}

TEST_CASE("a descriptor comes with its own bytes, behind those that were kept") {
  GatheringWorld world;
  auto first = world.stream->write("ab", 2);
  int fds[] = {STDERR_FILENO};
  auto second = world.stream->writeWithFds(kj::StringPtr("cd").asBytes(), nullptr, fds);
  second.wait(world.io.waitScope);
  CHECK(world.arrived() == "ab");
  CHECK(world.arrived() == "cd");
}

TEST_CASE("a kept write that fails makes the next one fail") {
  GatheringWorld world;
  world.peer = nullptr;
  world.write("ab");
  world.turn();
  CHECK_THROWS(world.write("cd"));
}

TEST_CASE("what is kept is sent before the end") {
  GatheringWorld world;
  auto first = world.stream->write("ab", 2);
  world.stream->shutdownWrite();
  world.turn();
  CHECK(world.arrived() == "ab");
  char byte;
  CHECK(recv(world.peer, &byte, 1, 0) == 0);
}

}  // namespace
}  // namespace cbs
