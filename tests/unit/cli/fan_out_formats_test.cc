// The formats for people.
#include "tests/unit/cli/fan_out_formats_world.h"

#include <stdlib.h>

namespace cbs::cli {
namespace {

using test::contains;

const FormatOptions kGather{.gather = true};
const FormatOptions kDiff{.diff = true};
const FormatOptions kOrdered{.keepOrder = true};

TEST_CASE("formats that exclude each other are refused") {
  CHECK(checkFormatOptions({}, "json").empty());
  CHECK(checkFormatOptions({.gather = true}, "text").empty());
  CHECK(contains(checkFormatOptions({.gather = true, .diff = true}, "text"), "only one"));
  CHECK(contains(checkFormatOptions({.diff = true, .keepOrder = true}, "text"), "only one"));
  CHECK(contains(checkFormatOptions({.gather = true}, "json"), "--output json"));
  CHECK(checkFormatOptions({.outputDir = "x"}, "ndjson").empty());
}

TEST_CASE("gathered: what hosts print alike is shown once, the largest group first") {
  FormatWorld world({"web1", "web2", "web3", "db1"});
  world.start(kGather);
  world.prints(3, "Debian\n");
  world.prints(0, "Alpine\n");
  world.prints(1, "Alp");
  world.prints(2, "Alpine\n");
  world.prints(1, "ine\n");
  world.complains(3, "no space\n");
  for (uint32_t host : {3, 2, 1, 0}) world.ends(host);
  CHECK(world.console.out.empty());
  world.finish();
  CHECK(world.console.out ==
        "---------------\nweb[1-3] (3)\n---------------\nAlpine\n"
        "---------------\ndb1\n---------------\nDebian\n");
  CHECK(world.console.err == "---------------\ndb1 on standard error\n---------------\nno space\n");
}

TEST_CASE("gathered: bytes decide, an unended line is ended, and silent hosts and failures are left out") {
  FormatWorld world({"a1", "a2", "a3", "a4"});
  world.start(kGather);
  world.prints(0, std::string_view("x\0y", 3));
  world.prints(1, std::string_view("x\0z", 3));
  world.prints(2, "x");
  for (uint32_t host : {0, 1, 2}) world.ends(host);
  world.endsWith(3, refused());
  world.finish(241);
  const std::string rule = "---------------\n";
  const std::string expected = rule + "a1\n" + rule + std::string("x\0y\n", 4) + rule + "a2\n" + rule +
                               std::string("x\0z\n", 4) + rule + "a3\n" + rule + "x\n";
  CHECK(world.console.out == expected);
  CHECK(world.console.err.empty());
}

TEST_CASE("gathered: what has come before the end of it all is shown, also of hosts that have not ended") {
  FormatWorld world({"a1", "a2"});
  world.start(kGather);
  world.prints(0, "half\n");
  world.prints(1, "half\n");
  world.ends(1);
  world.finish(130);
  CHECK(contains(world.console.out, "a[1-2] (2)"));
}

TEST_CASE("gathered on a terminal: escape sequences of hosts end with their text") {
  FormatWorld world({"a1"});
  world.console.terminal = world.console.colours = true;
  world.start(kGather);
  world.prints(0, "\x1b[31mred\n");
  world.ends(0);
  world.finish();
  CHECK(contains(world.console.out, "\x1b[31mred\x1b[0m\n"));
  CHECK(contains(world.console.out, "\x1b[1ma1\x1b[0m\n"));
}

TEST_CASE("differences: the largest group whole, and what makes the others of it") {
  FormatWorld world({"web1", "web2", "web3", "web4"});
  world.start(kDiff);
  for (uint32_t host : {0, 1, 3}) world.prints(host, "a\nb\nc\n");
  world.prints(2, "a\nB\nc\n");
  for (uint32_t host : {0, 1, 2, 3}) world.ends(host);
  world.finish();
  CHECK(world.console.out ==
        "---------------\nweb[1-2,4] (3)\n---------------\na\nb\nc\n"
        "---------------\nweb3\n---------------\n"
        "--- web[1-2,4]\n+++ web3\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
  CHECK(world.console.err.empty());
}

TEST_CASE("differences: binary output is told by diff, and a host that printed nothing differs") {
  FormatWorld world({"w1", "w2", "w3", "w4", "w5"});
  world.start(kDiff);
  world.prints(0, "same\n");
  world.prints(1, "same\n");
  world.prints(2, std::string_view("\0\1\2", 3));
  for (uint32_t host : {0, 1, 2, 3}) world.ends(host);
  world.endsWith(4, refused());
  world.finish(241);
  CHECK(contains(world.console.out, "w3\n---------------\nBinary files w[1-2] and w3 differ\n"));
  CHECK(contains(world.console.out, "w4\n---------------\n--- w[1-2]\n+++ w4\n@@ -1 +0,0 @@\n-same\n"));
  CHECK_FALSE(contains(world.console.out, "w5"));
}

TEST_CASE("differences: nothing is shown where nobody printed anything") {
  FormatWorld world({"w1", "w2"});
  world.start(kDiff);
  world.ends(0);
  world.ends(1);
  world.finish();
  CHECK(world.console.out.empty());
}

TEST_CASE("differences without the program diff are refused before anything is done") {
  FormatWorld world({"w1"});
  std::string before = getenv("PATH");
  setenv("PATH", "/nowhere:/nowhere/else", 1);
  auto made = makePresenter(kDiff, "text", world.needs());
  setenv("PATH", before.c_str(), 1);
  REQUIRE(!made);
  CHECK(made.error().kind == ErrorKind::USAGE);
  CHECK(contains(made.error().detail, "diff"));
}

TEST_CASE("in order: the host whose turn it is is shown as it comes, the others once they follow") {
  FormatWorld world({"w1", "w2", "w3"});
  world.start(kOrdered);
  world.prints(1, "second\n");
  world.prints(2, "third out\n");
  world.complains(2, "third err\n");
  world.ends(2);
  CHECK(world.console.out.empty());
  world.prints(0, "first\n");
  CHECK(world.console.out == "w1: first\n");
  world.ends(0);
  CHECK(world.console.out == "w1: first\nw2: second\n");
  world.prints(1, "more\n");
  CHECK(world.console.out == "w1: first\nw2: second\nw2: more\n");
  CHECK(world.console.err.empty());
  world.endsWith(1, exited(3));
  CHECK(world.console.out == "w1: first\nw2: second\nw2: more\nw3: third out\n");
  CHECK(contains(world.console.err, "w2: exited with 3"));
  CHECK(contains(world.console.err, "w3: third err\n"));
  world.finish(3);
}

TEST_CASE("in order: what was kept is shown also if an end is never told") {
  FormatWorld world({"w1", "w2", "w3"});
  world.start(kOrdered);
  world.prints(1, "second\n");
  world.prints(2, "third\n");
  world.ends(2);
  world.finish(130);
  CHECK(world.console.out == "w2: second\nw3: third\n");
}

TEST_CASE("what cannot be shown is an error of the format") {
  FormatWorld world({"w1"});
  world.start(kGather);
  world.prints(0, "text\n");
  world.console.failure = {ErrorKind::CANCELLED, Reason::CALLER_GONE, ""};
  auto shown = FormatWorld::wait(world.presenter->finish({world.targets, world.hostEnds, 0, 0 * kj::SECONDS}),
                                 world.io.waitScope);
  REQUIRE(!shown);
  CHECK(shown.error().reason == Reason::CALLER_GONE);
}

}  // namespace
}  // namespace cbs::cli
