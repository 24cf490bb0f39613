#include "cli/fanout/fan_out_options.h"

#include "cli/fanout/many_exec.h"
#include "cli/fanout/whole_input.h"
#include "tests/support/child_process.h"

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

// The words of a command line of `exec`, as far as many hosts are concerned.
struct Words {
  explicit Words(Arguments arguments) {
    line.app().add_option("TARGET", target);
    line.app().add_flag("-i", stdin);
    addManyOptions(line.app(), typed);
    line.addCommonOptions(CommandLine::Formats::alsoJunit);
    command = line.splitRemoteCommand(arguments, "--hosts-file");
    code = line.parse(std::move(arguments));
  }
  bool many() { return isForMany(line, target); }

  std::string target;
  bool stdin = false;
  TypedMany typed;
  CommandLine line{"exec", "", ""};
  Arguments command;
  std::optional<int> code;
};

std::string problem(const TypedFanOut& typed) {
  auto pace = readPace(typed, 10);
  return pace ? "" : pace.error();
}

TEST_CASE("a node set, an option for many hosts or a format of theirs makes it the form for many") {
  CHECK_FALSE(Words({"web1", "uptime"}).many());
  CHECK_FALSE(Words({"-q", "web1", "uptime"}).many());
  CHECK_FALSE(Words({"-i", "web1", "--output", "json", "uptime"}).many());
  CHECK(Words({"web1,web2", "uptime"}).many());
  CHECK(Words({"-j", "5", "web1", "uptime"}).many());
  CHECK(Words({"--fail-fast", "web1", "uptime"}).many());
  CHECK(Words({"-b", "web1", "uptime"}).many());
  CHECK(Words({"--output=ndjson", "web1", "uptime"}).many());
  CHECK(Words({"--output", "junit", "web1", "uptime"}).many());
}

TEST_CASE("with a file of hosts the first word is the command's") {
  for (auto& words :
       {Words({"--hosts-file", "f", "-i", "ls", "-j", "3"}), Words({"-i", "--hosts-file=f", "--", "ls", "-j", "3"})}) {
    CHECK(words.target.empty());
    CHECK(words.stdin);
    CHECK(words.typed.pace.hostsFile == "f");
    CHECK(words.command == Arguments{"ls", "-j", "3"});
  }
}

TEST_CASE("the pace is read, shares are of the number of hosts") {
  auto pace = readPace({.atOnce = 7, .batch = "25%", .maxFailures = "25%", .deadline = "1m", .delay = "2s"}, 10);
  REQUIRE(pace.has_value());
  CHECK(pace->atOnce == 7);
  CHECK(pace->batch == 3);  // of 10 hosts at least a quarter go at a time, and at most a quarter may fail
  CHECK(pace->maxFailures == 2);
  CHECK(pace->deadlineMs == 60'000);
  CHECK(pace->delayMs == 2'000);
  CHECK(readPace({}, 10)->maxFailures == 0xffffffff);
  CHECK(readPace({.failFast = true}, 10)->maxFailures == 0);
  CHECK(readPace({.batch = "4"}, 10)->batch == 4);
  CHECK(readPace({.batch = "1%"}, 10)->batch == 1);
}

TEST_CASE("what makes no sense is complained of by its option's name") {
  for (auto* wrong : {"", "x", "%", "-1", "101%", "1.5", "4 ", "99999999999"}) {
    if (*wrong != '\0') CHECK(problem({.batch = wrong}).find("--batch: expected a number of hosts or a share") == 0);
    if (*wrong != '\0') CHECK(problem({.maxFailures = wrong}).find("--max-failures: expected") == 0);
  }
  CHECK(problem({.batch = "0"}) == "--batch: a batch has at least one host");
  CHECK(problem({.maxFailures = "2", .failFast = true}) != "");
  CHECK(problem({.deadline = "soon"}).find("--deadline: ") == 0);
  CHECK(problem({.delay = "soon"}).find("--delay: ") == 0);
  CHECK(Words({"-j", "x", "web1", "ls"}).code == 2);
  CHECK(Words({"--output", "xml", "web1", "ls"}).code == 2);
}

TEST_CASE("standard input is read to its end, up to a bound") {
  auto pipe = test::makePipe();
  REQUIRE(write(pipe.write.get(), "a\0b", 3) == 3);
  pipe.write.close();
  CHECK(readWholeInput(pipe.read.get(), 3).value() == std::string("a\0b", 3));
  pipe = test::makePipe();
  REQUIRE(write(pipe.write.get(), "abcd", 4) == 4);
  pipe.write.close();
  CHECK(readWholeInput(pipe.read.get(), 3).error().kind == ErrorKind::USAGE);
  CHECK(readWholeInput(-1).error().reason == Reason::LOCAL_IO);
}

}  // namespace
}  // namespace cbs::cli
