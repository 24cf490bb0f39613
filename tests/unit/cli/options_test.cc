#include "cli/options.h"

#include <capnp/message.h>
#include "cli/exec/exec_options.h"
#include "cli/exec/priority.h"

#include <stdlib.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

// A command line with an option of each sort, split as `exec` splits it.
struct Split {
  explicit Split(Arguments arguments) : own(std::move(arguments)) {
    line.app().add_option("TARGET", target)->required();
    line.app().add_flag("-i,--stdin", flag);
    line.app().add_flag("-t", flag);
    line.app().add_option("-e,--env", variables)->allow_extra_args(false);
    line.app().add_option("--timeout", timeout);
    line.addCommonOptions();
    command = line.splitRemoteCommand(own);
    code = line.parse(own);
  }
  std::string target, timeout;
  std::vector<std::string> variables;
  bool flag = false;
  CommandLine line{"exec", "", ""};
  Arguments own;
  Arguments command;
  std::optional<int> code;
};

TEST_CASE("a remote command's own options are never looked at") {
  CHECK(Split({"web1", "ls", "-l", "--timeout", "5"}).command == Arguments{"ls", "-l", "--timeout", "5"});
  CHECK(Split({"web1", "--", "-weird", "--"}).command == Arguments{"-weird", "--"});
  CHECK(Split({"web1", "sh", "--", "-c"}).command == Arguments{"sh", "--", "-c"});
  CHECK(Split({"web1"}).command.empty());
}

TEST_CASE("options stand before or after the target, with their values in any form") {
  Split split({"-it", "--timeout", "5s", "-e", "A=1", "web1", "--env=B=2", "-eC=3", "--output", "json", "cmd", "-e"});
  CHECK_FALSE(split.code.has_value());
  CHECK(split.target == "web1");
  CHECK(split.timeout == "5s");
  CHECK(split.flag);
  CHECK(split.line.common().json());
  CHECK(split.variables == std::vector<std::string>{"A=1", "B=2", "C=3"});
  CHECK(split.command == Arguments{"cmd", "-e"});
}

TEST_CASE("a -- before the target ends the options, and one after it is dropped") {
  Split split({"-i", "--", "web1", "--", "ls"});
  CHECK_FALSE(split.code.has_value());
  CHECK(split.target == "web1");
  CHECK(split.command == Arguments{"ls"});
}

TEST_CASE("wrong usage is exit code 2") {
  CHECK(Split({}).code == 2);
  CHECK(Split({"--bogus", "web1", "ls"}).code == 2);
  CHECK(Split({"--timeout"}).code == 2);
  CHECK(Split({"--output", "xml", "web1", "ls"}).code == 2);
}

TEST_CASE("the daemon's place comes from options first, then from the environment") {
  setenv("CBSESSION_SOCKET", "/e/s", 1);
  setenv("CBSESSION_CONFIG", "relative.toml", 1);
  setenv("CBSESSION_AUTOSTART", "0", 1);
  CommonOptions options;
  auto place = options.place();
  CHECK(place.socket == "/e/s");
  CHECK(place.config.front() == '/');
  CHECK(place.config.find("/relative.toml") != std::string::npos);
  CHECK_FALSE(place.autostart);
  options.socket = "/o/s";
  CHECK(options.place().socket == "/o/s");
  unsetenv("CBSESSION_AUTOSTART");
  unsetenv("CBSESSION_CONFIG");
  unsetenv("CBSESSION_SOCKET");
  CHECK(options.place().autostart);
  options.noAutostart = true;
  CHECK_FALSE(options.place().autostart);
}

TEST_CASE("one word is a line for the shell, several are an argv, none is a login shell") {
  capnp::MallocMessageBuilder message;
  auto describe = [&](std::vector<std::string> words) {
    ExecOptions options{.target = "h", .command = std::move(words)};
    auto request = message.initRoot<schema::ExecRequest>();
    describeExec(options, request);
    return request.asReader().getSpec().getCommand();
  };
  CHECK(kj::str(describe({"df -h | tail"}).getLine().asChars()) == "df -h | tail");
  auto argv = describe({"printf", "a\xff b"}).getArgv();
  REQUIRE(argv.size() == 2);
  CHECK(kj::str(argv[1].asChars()) == "a\xff b");
  CHECK(kj::str(describe({}).getLine().asChars()) == "exec \"$SHELL\" -l");
}

TEST_CASE("priorities are read, and complaints say what would be right") {
  auto priority = schema::Priority::HIGH;
  CHECK(readPriority("", priority).empty());
  CHECK(priority == schema::Priority::HIGH);
  CHECK(readPriority("low", priority).empty());
  CHECK(priority == schema::Priority::LOW);
  CHECK(readPriority("normal", priority).empty());
  CHECK(priority == schema::Priority::NORMAL);
  CHECK(readPriority("high", priority).empty());
  CHECK(priority == schema::Priority::HIGH);
  for (const char* wrong : {"HIGH", "1", " low", "urgent", "low\n"}) {
    CHECK(readPriority(wrong, priority).find("--priority: expected low, normal or high, found '") == 0);
    CHECK(priority == schema::Priority::HIGH);
  }
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<schema::ExecRequest>();
  describeExec({.target = "h", .command = {"true"}, .priority = schema::Priority::LOW}, request);
  CHECK(request.getPriority() == schema::Priority::LOW);
}

TEST_CASE("durations are read, and complaints name the option") {
  uint64_t milliseconds = 7;
  CHECK(readDuration("--timeout", "", milliseconds).empty());
  CHECK(milliseconds == 7);
  CHECK(readDuration("--timeout", "1m30s", milliseconds).empty());
  CHECK(milliseconds == 90000);
  CHECK(readDuration("--timeout", "soon", milliseconds).find("--timeout: ") == 0);
}

}  // namespace
}  // namespace cbs::cli
