// What hosts print, in a folder.
#include "cli/fanout/output_folder.h"
#include "tests/support/small_disk.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/cli/fan_out_formats_world.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include <catch2/generators/catch_generators.hpp>

namespace cbs::cli {
namespace {

using test::contains;
using test::readFile;

bool exists(const std::string& path) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0;
}

TEST_CASE("each target's files have names of their own, which lead nowhere else") {
  using schema::OutputStream;
  CHECK(OutputFolder::fileName("web1", OutputStream::STDOUT) == "web1.out");
  CHECK(OutputFolder::fileName("me@web1:2222", OutputStream::STDERR) == "me@web1:2222.err");
  CHECK(OutputFolder::fileName("../../etc/passwd", OutputStream::STDOUT) == "%2E.%2F..%2Fetc%2Fpasswd.out");
  CHECK(OutputFolder::fileName(".", OutputStream::STDOUT) == "%2E.out");
  std::set<std::string> names;
  for (const char* target : {"a/b", "a%2Fb", "a%b", "a\nb", ".a", "%2Ea", "a", "a.out"}) {
    auto name = OutputFolder::fileName(target, OutputStream::STDOUT);
    CHECK(name.find('/') == name.npos);
    CHECK(name[0] != '.');
    CHECK(names.insert(name).second);
  }
}

TEST_CASE("in files: what comes, as it comes, and nothing of it on standard output") {
  test::TempFolder folder;
  FormatWorld world({"w1", "w2", "w3"});
  world.start({.outputDir = folder.path("new/deep")});
  world.begins(0);
  world.prints(0, "one\n");
  CHECK(readFile(folder.path("new/deep/w1.out")) == "one\n");
  world.complains(0, "bad\n");
  world.prints(0, std::string_view("two\0", 4));
  world.endsWith(0, exited(1));
  world.begins(1);
  world.ends(1);
  world.begins(2);
  world.endsWith(2, refused());
  world.finish(241);
  CHECK(readFile(folder.path("new/deep/w1.out")) == std::string("one\ntwo\0", 8));
  CHECK(readFile(folder.path("new/deep/w1.err")) == "bad\n");
  CHECK(exists(folder.path("new/deep/w2.out")));
  CHECK_FALSE(exists(folder.path("new/deep/w2.err")));
  CHECK_FALSE(exists(folder.path("new/deep/w3.out")));
  CHECK(world.console.out.empty());
  CHECK(contains(world.console.err, "w1: exited with 1"));
  CHECK(contains(world.console.err, "w3"));
}

TEST_CASE("in files: what was there before is replaced, also links, and of hosts that never began it goes") {
  test::TempFolder folder;
  folder.write("victim", "precious");
  folder.write("w1.err", "old");
  folder.write("w2.out", "old");
  folder.write("w3.out", "somebody else's");
  REQUIRE(symlink("victim", folder.path("w1.out").c_str()) == 0);
  FormatWorld world({"w1", "w2"});
  world.start({.outputDir = folder.path()});
  CHECK(readFile(folder.path("w2.out")) == "old");  // nothing has begun
  world.begins(0);
  world.prints(0, "new\n");
  world.ends(0);
  world.endsWith(1, neverBegun());
  world.finish();
  CHECK(readFile(folder.path("victim")) == "precious");
  CHECK(readFile(folder.path("w1.out")) == "new\n");
  CHECK_FALSE(exists(folder.path("w1.err")));
  CHECK_FALSE(exists(folder.path("w2.out")));
  CHECK(exists(folder.path("w3.out")));
}

TEST_CASE("in files: a link that is put there meanwhile is not followed") {
  test::TempFolder folder;
  auto victim = folder.write("victim", "precious");
  FormatWorld world({"w1"});
  world.start({.outputDir = folder.path()});
  world.begins(0);
  REQUIRE(symlink("victim", folder.path("w1.out").c_str()) == 0);
  CHECK_FALSE(world.tryPrint(0, "new\n"));
  CHECK(readFile(victim) == "precious");
}

TEST_CASE("in files, and in a report or gathered as well") {
  test::TempFolder folder;
  FormatWorld world({"w1"});
  bool gathered = GENERATE(false, true);
  world.start({.gather = gathered, .outputDir = folder.path()}, gathered ? "text" : "ndjson");
  world.prints(0, "shown\n");
  world.ends(0);
  world.finish();
  CHECK(contains(world.console.out, "shown"));
  CHECK(readFile(folder.path("w1.out")) == "shown\n");
}

TEST_CASE("in files: more hosts than descriptors are no matter") {
  test::TempFolder folder;
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("w" + std::to_string(i));
  FormatWorld world(names);
  world.start({.outputDir = folder.path()});
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit few{64, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &few);
  for (int round = 0; round < 2; ++round) {
    for (uint32_t host = 0; host < names.size(); ++host) world.prints(host, "x\n");
  }
  setrlimit(RLIMIT_NOFILE, &before);
  CHECK(readFile(folder.path("w0.out")) == "x\nx\n");
  CHECK(readFile(folder.path("w299.out")) == "x\nx\n");
}

TEST_CASE("a folder that cannot be made or written to is an error before anything is done") {
  test::TempFolder folder;
  folder.write("file", "");
  FormatWorld world({"w1"});
  for (const auto& path : {folder.path("file"), folder.path("file/below"), std::string("/proc/none")}) {
    auto made = makePresenter({.outputDir = path}, "text", world.needs());
    REQUIRE(!made);
    CHECK(made.error().kind == ErrorKind::TRANSFER_FAILED);
    CHECK(made.error().fact("localPath") == path);
  }
}

TEST_CASE("in files: a full disk ends the work, with the file's name") {
  test::TempFolder folder;
  test::SmallDisk disk(folder.makeFolder("disk"), 64 << 10);
  if (!disk.mounted()) SKIP("needs root");
  FormatWorld world({"w1"});
  world.start({.outputDir = folder.path("disk")});
  auto printed = world.tryPrint(0, std::string(100'000, 'x'));
  REQUIRE(!printed);
  CHECK(printed.error().reason == Reason::NO_SPACE);
  CHECK(printed.error().fact("localPath") == folder.path("disk/w1.out"));
}

}  // namespace
}  // namespace cbs::cli
