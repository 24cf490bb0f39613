#include "cli/exec/standard_stream.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kj/async-io.h>
#include <catch2/catch_test_macros.hpp>

#include <string>

namespace cbs::cli {
namespace {

using Direction = StandardStream::Direction;

struct Ends {
  Ends(bool sockets) {
    int ends[2];
    if (sockets) {
      KJ_SYSCALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    } else {
      KJ_SYSCALL(pipe2(ends, O_CLOEXEC));
    }
    in = kj::AutoCloseFd(ends[0]);
    out = kj::AutoCloseFd(ends[1]);
  }
  kj::AutoCloseFd in, out;
};

bool isNonBlocking(int fd) { return fcntl(fd, F_GETFL) & O_NONBLOCK; }

// Takes everything from a blocking descriptor, on the loop of the test.
std::string drain(int fd, size_t bytes) {
  std::string text;
  char buffer[8192];
  while (text.size() < bytes) {
    ssize_t length = read(fd, buffer, sizeof(buffer));
    REQUIRE(length > 0);
    text.append(buffer, static_cast<size_t>(length));
  }
  return text;
}

TEST_CASE("more than a pipe or a socket holds is written piece by piece, and nobody's flags change") {
  for (bool sockets : {false, true}) {
    auto io = kj::setupAsyncIo();
    Ends ends(sockets);
    StandardStream stream(io.unixEventPort, ends.out, Direction::out);
    std::string bytes(3 << 20, 'x');
    kj::Promise<Expected<void>> written =
        stream.write(kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
    CHECK_FALSE(written.poll(io.waitScope));
    CHECK_FALSE(isNonBlocking(ends.out));
    size_t got = 0;
    while (!written.poll(io.waitScope)) {
      got += drain(ends.in, 1).size();
      KJ_ASSERT(got <= bytes.size());
    }
    CHECK(written.wait(io.waitScope).has_value());
    CHECK(drain(ends.in, bytes.size() - got).size() == bytes.size() - got);
  }
}

TEST_CASE("reading waits for bytes and tells the end") {
  for (bool sockets : {false, true}) {
    auto io = kj::setupAsyncIo();
    Ends ends(sockets);
    StandardStream stream(io.unixEventPort, ends.in, Direction::in);
    kj::byte buffer[16];
    kj::Promise<Expected<size_t>> length = stream.read(buffer);
    CHECK_FALSE(length.poll(io.waitScope));
    CHECK_FALSE(isNonBlocking(ends.in));
    REQUIRE(write(ends.out, "abc", 3) == 3);
    CHECK(length.wait(io.waitScope).value() == 3);
    ends.out = nullptr;
    CHECK(stream.read(buffer).promise().wait(io.waitScope).value() == 0);
  }
}

TEST_CASE("regular files keep their shared position") {
  auto io = kj::setupAsyncIo();
  char name[] = "/tmp/cbs-stream-XXXXXX";
  kj::AutoCloseFd file(mkstemp(name));
  unlink(name);
  REQUIRE(pwrite(file, "0123456789", 10, 0) == 10);
  StandardStream stream(io.unixEventPort, file, Direction::in);
  kj::byte buffer[4];
  CHECK(stream.read(buffer).take().value() == 4);
  CHECK(lseek(file, 0, SEEK_CUR) == 4);
}

TEST_CASE("a reader that is gone and a descriptor that is not open are told apart") {
  auto io = kj::setupAsyncIo();
  auto byte = kj::StringPtr("x").asBytes();
  for (bool sockets : {false, true}) {
    Ends ends(sockets);
    StandardStream stream(io.unixEventPort, ends.out, Direction::out);
    ends.in = nullptr;
    CHECK(stream.write(byte).take().error().reason == Reason::CALLER_GONE);
  }
  StandardStream closed(io.unixEventPort, 999, Direction::out);
  CHECK(closed.write(byte).take().error().reason == Reason::LOCAL_IO);
  StandardStream full(io.unixEventPort, open("/dev/full", O_WRONLY | O_CLOEXEC), Direction::out);
  CHECK(full.write(byte).take().error().kind == ErrorKind::TRANSFER_FAILED);
}

}  // namespace
}  // namespace cbs::cli
