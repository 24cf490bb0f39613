// A great deal of output, and somebody who reads it slowly.
#include "tests/support/lab.h"
#include "tests/support/process_figures.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

constexpr size_t kMebibyte = 1024 * 1024;

TEST_CASE("200 MB of output reach a slow reader whole, in bounded memory on both sides") {
  Lab lab;
  REQUIRE(lab.exec("true").code == 0);
  size_t daemonBefore = residentBytes(lab.agent.pid());
  auto process = lab.agent.startCli({"exec", "web1", "head -c 200000000 /dev/zero"});
  size_t total = 0;
  size_t most = 0;
  char buffer[262144];
  for (unsigned turn = 0; waitReadable(process.out().fd(), kSoon); ++turn) {
    ssize_t size = read(process.out().fd(), buffer, turn == 0 ? 1 : sizeof(buffer));
    if (size <= 0) break;
    total += static_cast<size_t>(size);
    // Whoever does not hold back has megabytes ahead of us after such a pause.
    if (turn % 100 == 0) waitReadable(process.err().fd(), milliseconds(50));
    if (turn % 100 == 0) {
      most = std::max(most, residentBytes(process.pid()) + residentBytes(lab.agent.pid()) - daemonBefore);
    }
  }
  CHECK(total == 200'000'000);
  CHECK(process.finish().code == 0);
#if !__has_feature(address_sanitizer)  // which keeps what was freed
  CHECK(most < 32 * kMebibyte);
#endif
}

TEST_CASE("a reader that leaves ends the command") {
  Lab lab;
  auto process = lab.agent.startCli({"exec", "web1", "yes; touch " + lab.sshd.remoteFolder() + "/survived"});
  process.out().until("y\ny\n");
  process.out().close();
  process.err().toEnd();
  CHECK(process.finish().code != 0);
  CHECK(lab.exec("while pgrep -u $(id -u) -x yes; do sleep 0.02; done; test ! -e " + lab.sshd.remoteFolder() +
                 "/survived")
            .code == 0);
}

}  // namespace
}  // namespace cbs::test
