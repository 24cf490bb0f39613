#include "agentd/queue/journal_file.h"

#include "agentd/queue/journal.h"
#include "tests/support/small_disk.h"
#include "tests/unit/queue/journal_world.h"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace cbs::queue {
namespace {

std::string refusal(const std::string& folder) {
  auto opened = openJournalFile(folder);
  REQUIRE_FALSE(opened);
  REQUIRE(opened.error().kind == ErrorKind::OVERLOADED);
  REQUIRE(opened.error().reason == Reason::JOURNAL_UNAVAILABLE);
  REQUIRE(opened.error().fact("file") == folder + "/jobs.db");
  return opened.error().detail;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

unsigned modeOf(const std::string& path) {
  struct stat info;
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

TEST_CASE("a journal makes its folder and files for its owner only") {
  auto before = umask(0);
  JournalWorld world;
  world.add({.id = idOf(1)});
  umask(before);
  REQUIRE(modeOf(world.temp.path("state")) == 0700);
  REQUIRE(modeOf(world.folder()) == 0700);
  REQUIRE(modeOf(world.folder() + "/jobs.db") == 0600);
  REQUIRE(modeOf(world.folder() + "/jobs.db-wal") == 0600);
}

TEST_CASE("a file that others could read is closed to them") {
  JournalWorld world;
  world.journal = {};
  chmod((world.folder() + "/jobs.db").c_str(), 0644);
  world.reopen();
  REQUIRE(modeOf(world.folder() + "/jobs.db") == 0600);
}

TEST_CASE("a second journal on the same folder is refused, and the first goes on") {
  JournalWorld world;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(refusal(world.folder()) == "another daemon keeps its jobs in " + world.folder());
    world.add({.id = idOf(static_cast<unsigned>(i))});
  }
  REQUIRE(inChild([&]() { return !openJournalFile(world.folder()); }));
}

TEST_CASE("a journal of another process is refused, until that has ended") {
  test::TempFolder temp;
  int ready[2];
  int go[2];
  REQUIRE(pipe(ready) == 0);
  REQUIRE(pipe(go) == 0);
  pid_t child = fork();
  char byte = 0;
  if (child == 0) {
    close(go[1]);
    auto held = openJournalFile(temp.path());
    bool told = held && write(ready[1], "x", 1) == 1 && read(go[0], &byte, 1) == 0;
    _exit(told ? 0 : 1);  // as if it was killed: nothing is closed in order
  }
  close(ready[1]);
  REQUIRE(read(ready[0], &byte, 1) == 1);
  REQUIRE(refusal(temp.path()) == "another daemon keeps its jobs in " + temp.path());
  close(go[1]);
  int status = 0;
  waitpid(child, &status, 0);
  close(ready[0]), close(go[0]);
  REQUIRE(status == 0);
  REQUIRE(openJournalFile(temp.path()));
}

TEST_CASE("a folder that others may write to is refused") {
  test::TempFolder temp;
  for (unsigned mode : {0770, 0702, 01777}) {
    auto folder = temp.makeFolder("state" + std::to_string(mode), mode);
    REQUIRE(refusal(folder) == "others may write to " + folder + " (chmod go-w " + folder + ")");
    REQUIRE(std::filesystem::is_empty(folder));
  }
  REQUIRE(openJournalFile(temp.makeFolder("readable", 0755)));
}

TEST_CASE("a folder or file of somebody else is refused") {
  if (geteuid() != 0) SKIP("only root can give files away");
  test::TempFolder temp;
  auto folder = temp.makeFolder("theirs");
  REQUIRE(chown(folder.c_str(), 12345, 12345) == 0);
  REQUIRE(refusal(folder) == folder + " belongs to uid 12345");
  auto own = temp.makeFolder("own");
  auto file = temp.write("own/jobs.db", "");
  REQUIRE(chown(file.c_str(), 12345, 12345) == 0);
  REQUIRE(refusal(own) == file + " belongs to uid 12345");
}

TEST_CASE("a folder that cannot be written or made is refused with the system's words") {
  test::TempFolder temp;
  auto folder = temp.makeFolder("closed", 0500);
  REQUIRE(chown(folder.c_str(), geteuid() == 0 ? 12345 : geteuid(), static_cast<gid_t>(-1)) == 0);
  REQUIRE(inChild([&]() {
    if (geteuid() == 0 && setuid(12345) != 0) return false;
    auto in = openJournalFile(folder);
    auto below = openJournalFile(folder + "/a/b");
    return !in && has(in.error().detail, "Permission denied") && !below &&
           has(below.error().detail, "mkdir " + folder + "/a: Permission denied");
  }));
}

TEST_CASE("what is no folder, or no file, is refused") {
  test::TempFolder temp;
  auto file = temp.write("file", "content");
  REQUIRE(refusal(file) == file + " is not a folder");
  REQUIRE(has(refusal(file + "/below"), "Not a directory"));
  temp.makeFolder("state");
  temp.makeFolder("state/jobs.db");
  REQUIRE(refusal(temp.path("state")) == temp.path("state/jobs.db") + " is not a file");
  temp.makeFolder("linked");
  REQUIRE(symlink(file.c_str(), temp.path("linked/jobs.db").c_str()) == 0);
  REQUIRE(refusal(temp.path("linked")) == temp.path("linked/jobs.db") + " is not a file");
  REQUIRE(test::readFile(file) == "content");
  REQUIRE_FALSE(openJournalFile(""));
}

TEST_CASE("a journal that a newer version has written is refused and left alone") {
  JournalWorld world;
  world.add({.id = idOf(1)});
  world.journal = {};
  { (*openJournalFile(world.folder()))->run("PRAGMA user_version = 2"); }
  REQUIRE(refusal(world.folder()) == "a newer version of cbsession has written it (format 2; this one knows 1)");
  // SQLite keeps it at byte 60 of the file, the high byte first.
  REQUIRE(test::readFile(world.folder() + "/jobs.db").substr(60, 4) == std::string("\0\0\0\2", 4));
}

TEST_CASE("a database that is no journal is refused and left alone") {
  test::TempFolder temp;
  {
    auto database = openJournalFile(temp.path());
    (*database)->run("PRAGMA user_version = 0");
  }
  REQUIRE(refusal(temp.path()) == "it is no journal of jobs");
  REQUIRE(refusal(temp.path()) == "it is no journal of jobs");
}

TEST_CASE("a file that is no database is refused, with what to do") {
  test::TempFolder temp;
  auto file = temp.write("jobs.db", std::string(10'000, 'x'));
  auto detail = refusal(temp.path());
  REQUIRE(has(detail, file + " is damaged (file is not a database)"));
  REQUIRE(has(detail, "move it away"));
  REQUIRE(test::readFile(file) == std::string(10'000, 'x'));
  std::filesystem::rename(file, file + ".old");
  REQUIRE(openJournalFile(temp.path()));
}

// Overwrites pages of a journal with many jobs, from the end of the file on.
TEST_CASE("a journal whose jobs are damaged is refused, with what to do") {
  JournalWorld world;
  for (unsigned number = 0; number < 50; ++number) world.add({.id = idOf(number), .command = std::string(2'000, 'c')});
  world.journal = {};
  auto file = world.folder() + "/jobs.db";
  auto size = std::filesystem::file_size(file);
  {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(size / 2));
    stream << std::string(size / 2, '\x5a');
  }
  auto detail = refusal(world.folder());
  REQUIRE(has(detail, file + " is damaged ("));
  REQUIRE(has(detail, "; to begin anew, move it away"));
}

TEST_CASE("a journal that is cut short is refused") {
  JournalWorld world;
  for (unsigned number = 0; number < 50; ++number) world.add({.id = idOf(number), .command = std::string(2'000, 'c')});
  world.journal = {};
  auto file = world.folder() + "/jobs.db";
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2 / 4096 * 4096);
  REQUIRE(has(refusal(world.folder()), " is damaged ("));
}

TEST_CASE("an empty file becomes a journal") {
  test::TempFolder temp;
  temp.write("jobs.db", "");
  REQUIRE(openJournalFile(temp.path()));
}

TEST_CASE("a disk that is full is named as such, and a journal opens when there is space again") {
  test::TempFolder temp;
  auto folder = temp.makeFolder("disk");
  test::SmallDisk disk(folder, 256 * 1024);
  if (!disk.mounted()) SKIP("only root can mount a small disk");
  temp.write("disk/ballast", std::string(255 * 1024, 'b'));
  std::filesystem::create_directory(folder + "/state");
  chmod((folder + "/state").c_str(), 0700);
  auto refused = openJournalFile(folder + "/state");
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().reason == Reason::JOURNAL_UNAVAILABLE);
  REQUIRE(refused.error().fact("full") == "true");
  std::filesystem::remove(folder + "/ballast");
  REQUIRE(openJournalFile(folder + "/state"));
}

}  // namespace
}  // namespace cbs::queue
