#include "agentd/rpc/caller.h"

#include "tests/support/child_process.h"

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include <filesystem>

namespace cbs::rpc {
namespace {

std::string keyOf(pid_t pid) { return callerOf({getuid(), pid}).key; }

// A process that runs until it is dropped, and whose program has started.
struct Sleeper {
  explicit Sleeper(std::vector<std::string> words) : out(test::makePipe()), process(program(words)) {
    out.write.close();
    REQUIRE(test::waitReadable(out.read.get(), test::kSoon));
  }
  test::Program program(std::vector<std::string> words) const {
    for (const char* word : {"sh", "-c", "echo ready; exec sleep 1000"}) words.push_back(word);
    return {.argv = std::move(words), .descriptors = {{1, out.write.get()}}};
  }
  test::Pipe out;
  test::ChildProcess process;
};

TEST_CASE("processes of one session are one caller, and those of another are another") {
  Sleeper mine({"env"});
  Sleeper another({"setsid"});
  CHECK(keyOf(mine.process.pid()) == keyOf(getpid()));
  CHECK(keyOf(another.process.pid()) != keyOf(getpid()));
}

// As in a container whose processes a program outside of it has started: getsid() is 0 for them.
TEST_CASE("processes whose session began outside of the pid namespace are one caller") {
  auto inside = [](std::vector<std::string> words) {
    const std::vector<std::string> unshare = {"unshare", "--user", "--map-root-user", "--pid", "--fork"};
    words.insert(words.begin(), unshare.begin(), unshare.end());
    return test::ChildProcess({.argv = std::move(words)}).wait().code;
  };
  if (inside({"true"}) != 0) SKIP("nobody may make a pid namespace on this machine");
  std::string self = std::filesystem::read_symlink("/proc/self/exe");
  // /proc is still that of the namespace outside, in which LeakSanitizer would take another process for this one.
  CHECK(inside({"env", "ASAN_OPTIONS=detect_leaks=0", self, "processes of one session are one caller*"}) == 0);
}

TEST_CASE("one session's processes of two users are two callers") {
  CHECK(callerOf({1, getpid()}).key != callerOf({2, getpid()}).key);
  CHECK(callerOf({1, getpid()}).user == 1);
}

TEST_CASE("a process that has ended is known by its pid, and one without a pid by its user") {
  test::ChildProcess ended({.argv = {"true"}});
  ended.wait();
  CHECK(keyOf(ended.pid()) == std::to_string(getuid()) + "/process " + std::to_string(ended.pid()));
  CHECK(keyOf(0) == std::to_string(getuid()));
}

}  // namespace
}  // namespace cbs::rpc
