#include "agentd/app/successor.h"
#include "tests/support/temp_folder.h"
#include "tests/support/unique_fd.h"

#include <fcntl.h>
#include <kj/async-io.h>
#include <signal.h>
#include <catch2/catch_test_macros.hpp>

namespace cbs::app {
namespace {

class Nobody final : public schema::Predecessor::Server {};

struct Stage {
  // What comes of starting a shell script as the new daemon.
  Expected<std::unique_ptr<Successor>> start(const std::string& script, kj::Duration limit = 20 * kj::SECONDS) {
    auto path = folder.write("program", "#!/bin/sh\n" + script + "\n", 0700);
    return startProgram({path, {"--socket", "x"}}, limit);
  }
  Expected<std::unique_ptr<Successor>> startProgram(Program program, kj::Duration limit = 20 * kj::SECONDS) {
    Successor::Inheritance inheritance{null.get(), null.get(), true, kj::heap<Nobody>()};
    return Successor::start(loop, std::move(program), kj::mv(inheritance), limit).promise().wait(io.waitScope);
  }

  test::TempFolder folder;
  test::UniqueFd null{open("/dev/null", O_RDWR | O_CLOEXEC)};
  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
};

TEST_CASE("a program that is not there, or cannot be run, is no successor") {
  Stage stage;
  auto missing = stage.startProgram({stage.folder.path("missing"), {}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().reason == Reason::AUTOSTART_FAILED);
  CHECK(missing.error().detail.find("No such file") != std::string::npos);
  auto noScript = stage.startProgram({stage.folder.write("text", "words", 0600), {}});
  REQUIRE_FALSE(noScript);
  CHECK(noScript.error().reason == Reason::AUTOSTART_FAILED);
}

TEST_CASE("a program that ends at once is told by its status") {
  Stage stage;
  auto started = stage.start("exit 7");
  REQUIRE_FALSE(started);
  CHECK(started.error().reason == Reason::AUTOSTART_FAILED);
  CHECK(started.error().detail == "it exited with status 7");
}

TEST_CASE("what a program says before it ends is told") {
  Stage stage;
  auto started = stage.start("printf 'one\\ntwo\\n' >&6; exit 1");
  REQUIRE_FALSE(started);
  CHECK(started.error().detail == "one; two");
}

TEST_CASE("a fault of the configuration is told as such") {
  Stage stage;
  auto started = stage.start("echo x.toml:1: bad >&6; exit 2");
  REQUIRE_FALSE(started);
  CHECK(started.error().kind == ErrorKind::USAGE);
  CHECK(started.error().reason == Reason::BAD_CONFIG);
  CHECK(started.error().detail == "x.toml:1: bad");
}

TEST_CASE("a program that hangs is killed") {
  Stage stage;
  auto started = stage.start("echo $$ >" + stage.folder.path("pid") + "; exec sleep 600", 300 * kj::MILLISECONDS);
  REQUIRE_FALSE(started);
  CHECK(started.error().detail.find("it was not ready after") != std::string::npos);
  auto pid = test::readFile(stage.folder.path("pid"));
  if (!pid.empty()) CHECK(kill(std::stoi(pid), 0) != 0);
}

TEST_CASE("a program that lets go of the link and goes on is killed") {
  Stage stage;
  auto started = stage.start("exec 3>&-; exec sleep 600");
  REQUIRE_FALSE(started);
  CHECK(started.error().detail == "it does not know how to take over");
}

TEST_CASE("a program is given the arguments and the descriptors") {
  Stage stage;
  auto started = stage.start("echo \"$@\" >&6; exit 1");
  REQUIRE_FALSE(started);
  CHECK(started.error().detail == "--socket x --handover-fd 3 --ready-fd 6");
}

}  // namespace
}  // namespace cbs::app
