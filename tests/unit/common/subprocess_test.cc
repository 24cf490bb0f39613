#include "common/subprocess.h"

#include "common/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>

namespace cbs {
namespace {

struct World {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};

  Expected<SubprocessResult> run(SubprocessSpec spec) {
    return runSubprocess(loop, std::move(spec)).promise().wait(io.waitScope);
  }
  Expected<SubprocessResult> shell(std::string script) { return run({.argv = {"sh", "-c", std::move(script)}}); }
};

int openDescriptors() {
  int count = 0;
  for ([[maybe_unused]] auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

// Whether any process has this number, a dead one that nobody reaped included.
bool exists(int pid) { return kill(pid, 0) == 0; }

TEST_CASE("a program's output, complaints and status come apart") {
  World world;
  auto result = world.shell("printf out; printf err >&2; exit 3");
  REQUIRE(result);
  CHECK(result->out == "out");
  CHECK(result->err == "err");
  CHECK(WEXITSTATUS(result->status) == 3);
  CHECK(describeWaitStatus(result->status) == "exited with status 3");
}

TEST_CASE("a program gets its input, also more than a pipe holds") {
  World world;
  std::string input(300'000, 'x');
  auto result = world.run({.argv = {"cat"}, .input = input});
  REQUIRE(result);
  CHECK(result->out == input);
}

TEST_CASE("a program that does not read its input is no failure") {
  World world;
  auto result = world.run({.argv = {"true"}, .input = std::string(300'000, 'x')});
  REQUIRE(result);
  CHECK(result->status == 0);
}

TEST_CASE("a program without input reads end of file") {
  World world;
  auto result = world.run({.argv = {"wc", "-c"}});
  REQUIRE(result);
  CHECK(result->out == "0\n");
}

TEST_CASE("variables are added to the environment and replace those of the same name") {
  World world;
  setenv("CBS_SUBPROCESS_TEST", "old", 1);
  auto result = world.run({.argv = {"sh", "-c", "echo $CBS_SUBPROCESS_TEST $OTHER"},
                           .environment = {{"CBS_SUBPROCESS_TEST", "new"}, {"OTHER", "2"}}});
  REQUIRE(result);
  CHECK(result->out == "new 2\n");
}

TEST_CASE("a program that does not exist is named") {
  World world;
  auto result = world.run({.argv = {"no-such-program-here"}});
  REQUIRE_FALSE(result);
  CHECK(result.error().reason == Reason::NOT_FOUND);
  CHECK(result.error().detail == "cannot start no-such-program-here: No such file or directory");
}

TEST_CASE("endless output is cut off, and its program ended") {
  World world;
  auto result = world.run({.argv = {"yes"}, .maxOutputBytes = 1000});
  REQUIRE_FALSE(result);
  CHECK(result.error().detail == "yes printed more than 1000 bytes");
}

TEST_CASE("endless complaints are thrown away") {
  World world;
  auto result = world.shell("head -c 1000000 /dev/zero >&2");
  REQUIRE(result);
  CHECK(result->err.size() == 16 * 1024);
}

TEST_CASE("a program that does not end in time is ended") {
  World world;
  auto result = world.run({.argv = {"sleep", "1000"}, .timeout = 20 * kj::MILLISECONDS});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::TIMED_OUT);
}

TEST_CASE("a child that ignores TERM is killed and reaped after it is dropped") {
  World world;
  auto pipe = openPipe();
  REQUIRE(pipe);
  auto child = ChildProcess::start(world.loop,
                                   {.argv = {"sh", "-c", "trap '' TERM; echo; sleep 1000"}, .stdoutFd = pipe->write});
  REQUIRE(child);
  int pid = (*child)->pid();
  char ready;
  REQUIRE(read(pipe->read, &ready, 1) == 1);
  *child = nullptr;
  while (exists(pid)) world.loop.timer.afterDelay(10 * kj::MILLISECONDS).wait(world.io.waitScope);
  SUCCEED("gone");
}

TEST_CASE("what a child leaves running ends with it") {
  World world;
  auto result = world.shell("sleep 1000 >/dev/null 2>&1 & echo $!");
  REQUIRE(result);
  int pid = std::stoi(result->out);
  // It was killed; whoever inherits orphans here reaps it in its own time.
  auto state = [&]() {
    FILE* stat = fopen(("/proc/" + std::to_string(pid) + "/stat").c_str(), "r");
    char letter = 'Z';
    if (stat != nullptr) {
      if (fscanf(stat, "%*d %*s %c", &letter) != 1) letter = 'Z';
      fclose(stat);
    }
    return letter;
  };
  while (state() != 'Z') world.loop.timer.afterDelay(5 * kj::MILLISECONDS).wait(world.io.waitScope);
  SUCCEED("gone");
}

TEST_CASE("a child inherits three descriptors and leaves none behind") {
  World world;
  int leak = open("/dev/null", O_RDONLY);
  REQUIRE(leak > 2);
  int before = openDescriptors();
  auto result = world.shell("ls /proc/$$/fd | sort -n | tr '\\n' ' '");
  close(leak);
  REQUIRE(result);
  CHECK(result->out.starts_with("0 1 2"));
  CHECK(result->out.find(std::to_string(leak)) == std::string::npos);
  CHECK(openDescriptors() == before - 1);
}

TEST_CASE("a child has no terminal and ignores no signal") {
  World world;
  signal(SIGPIPE, SIG_IGN);
  auto result = world.shell("cat /dev/tty; grep SigIgn /proc/$$/status");
  REQUIRE(result);
  CHECK(result->err.find("/dev/tty") != std::string::npos);
  CHECK(result->out == "SigIgn:\t0000000000000000\n");
}

}  // namespace
}  // namespace cbs
