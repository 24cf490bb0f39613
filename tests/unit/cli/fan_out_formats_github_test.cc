// What is different under GitHub Actions.
#include "cli/fanout/github_annotations.h"
#include "cli/fanout/github_console.h"
#include "tests/unit/cli/fan_out_formats_world.h"

#include <stdlib.h>

#include <catch2/generators/catch_generators.hpp>

namespace cbs::cli {
namespace {

using test::contains;
using test::count;

// The environment that a step has, for as long as the object lives.
struct UnderGithub {
  UnderGithub() { setenv("GITHUB_ACTIONS", "true", 1); }
  ~UnderGithub() { unsetenv("GITHUB_ACTIONS"); }
};

TEST_CASE("annotations are escaped as GitHub undoes it") {
  CHECK(githubError("web1", "exited with 3") == "::error title=web1::exited with 3\n");
  CHECK(githubError("a:22,b", "100%\r\nof: it, all") == "::error title=a%3A22%2Cb::100%25%0D%0Aof: it, all\n");
}

TEST_CASE("what could be a command of GitHub's is seen") {
  for (const char* text : {"::error::x\n", "ok\n  \t::add-mask::x\n", "w1: ##[error]x\n", "a\r::error::x\n",
                           "\xe3\x80\x80::error::x\n", "x ::a::\n::b::\n"}) {
    CHECK(mayCommandGithub(text));
  }
  for (const char* text : {"w1: ::error::x\n", "fe80::1\n", "std::string\n", "# [x]\n", ""}) {
    CHECK_FALSE(mayCommandGithub(text));
  }
}

TEST_CASE("hosts give no commands to GitHub: what they print is wrapped, with a word of its own each time") {
  FormatConsole console;
  auto guarded = makeGithubConsole(console);
  auto write = [&](std::string text) { CHECK(guarded->write(schema::OutputStream::STDOUT, text).take()); };
  write("harmless\n");
  CHECK(console.out == "harmless\n");
  console.out.clear();
  write("::error::x\n");
  REQUIRE(console.out.substr(0, 17) == "::stop-commands::");
  auto word = console.out.substr(17, console.out.find('\n') - 17);
  CHECK(word.size() == 32);
  CHECK(console.out == "::stop-commands::" + word + "\n::error::x\n::" + word + "::\n");
  console.out.clear();
  write("::error::x\n");
  CHECK_FALSE(contains(console.out, word));
  console.out.clear();
  write("a long line whose rest ");  // `##[` may be split
  write("follows #");
  write("#[error]\nand more");
  write(" to the end\n");
  CHECK(count(console.out, "::stop-commands::") == 1);
  CHECK(console.out.substr(0, 17) == "::stop-commands::");
  CHECK(contains(console.out, "\na long line whose rest follows ##[error]\nand more to the end\n::"));
}

TEST_CASE("under GitHub Actions failures become annotations, of ten hosts at most") {
  UnderGithub environment;
  std::vector<std::string> names;
  for (int i = 1; i <= 12; ++i) names.push_back("w" + std::to_string(i));
  FormatWorld world(names);
  world.start({});
  world.hostEnds[0] = exited(3);
  world.hostEnds[1] = refused();
  world.hostEnds[2] = neverBegun();
  world.finish(241);
  CHECK(contains(world.console.err, "::error title=w1::exited with 3\n"));
  CHECK(contains(world.console.err, "::error title=w2::connection refused"));
  CHECK(count(world.console.err, "::error") == 2);
  world.console.err.clear();
  for (auto& end : world.hostEnds) end = exited(1);
  world.finish(1);
  CHECK(count(world.console.err, "::error") == 10);
  CHECK(contains(world.console.err, "::error title=cbsession::3 more hosts have failed\n"));
  CHECK(world.console.out.empty());
}

TEST_CASE("under GitHub Actions what is gathered is wrapped, and reports are left alone") {
  UnderGithub environment;
  FormatWorld world({"w1"});
  bool gathered = GENERATE(false, true);
  world.start({.gather = gathered}, gathered ? "text" : "ndjson");
  world.prints(0, "::error::x\n");
  world.ends(0);
  world.finish();
  CHECK(contains(world.console.out, "::stop-commands::") == gathered);
}

}  // namespace
}  // namespace cbs::cli
