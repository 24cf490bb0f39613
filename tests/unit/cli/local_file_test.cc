#include "cli/transfer/local_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

namespace cbs::cli {
namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/cbs-file-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  size_t entries() const {
    auto all = std::filesystem::directory_iterator(path);
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }
  std::string path;
};

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

mode_t modeOf(const std::string& path) {
  struct stat info;
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

TEST_CASE("a source is a regular file, and what else there may be is refused by name") {
  Folder folder;
  std::ofstream(folder / "f") << "hello";
  chmod((folder / "f").c_str(), 0640);
  auto source = openSource(folder / "f");
  REQUIRE(source.has_value());
  CHECK(source->size == 5);
  CHECK(source->mode == 0640);
  CHECK(openSource(folder.path).error().kind == ErrorKind::USAGE);
  mkfifo((folder / "fifo").c_str(), 0600);
  CHECK(openSource(folder / "fifo").error().kind == ErrorKind::USAGE);
  CHECK(openSource("/dev/zero").error().kind == ErrorKind::USAGE);
  CHECK(openSource(folder / "none").error().reason == Reason::NOT_FOUND);
}

TEST_CASE("a download appears under its name only when it is kept, with the remote mode less the umask") {
  Folder folder;
  mode_t before = umask(022);
  auto file = DestinationFile::create(folder / "f", "remote");
  REQUIRE(file.has_value());
  CHECK_FALSE(std::filesystem::exists(folder / "f"));
  CHECK(folder.entries() == 1);
  REQUIRE(write(file->fd(), "x", 1) == 1);
  REQUIRE(file->keep(06775).has_value());
  umask(before);
  CHECK(contents(folder / "f") == "x");
  CHECK(modeOf(folder / "f") == 0755);
  CHECK(folder.entries() == 1);
}

TEST_CASE("a download that is not kept leaves what was there before, and nothing else") {
  Folder folder;
  std::ofstream(folder / "f") << "old";
  { auto file = DestinationFile::create(folder / "f", "remote"); }
  CHECK(contents(folder / "f") == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a folder takes a download under its remote name") {
  Folder folder;
  auto file = DestinationFile::create(folder.path, "remote");
  REQUIRE(file.has_value());
  CHECK(file->path() == folder / "remote");
  auto slashed = DestinationFile::create(folder.path + "/", "remote");
  CHECK(slashed->path() == folder / "remote");
}

TEST_CASE("what is no regular file is not replaced") {
  Folder folder;
  CHECK(DestinationFile::create("/dev/null", "r").error().kind == ErrorKind::USAGE);
  mkfifo((folder / "fifo").c_str(), 0600);
  CHECK(DestinationFile::create(folder / "fifo", "r").error().kind == ErrorKind::USAGE);
  mkdir((folder / "d").c_str(), 0700);
  mkdir((folder / "d/r").c_str(), 0700);
  CHECK(DestinationFile::create(folder / "d", "r").error().kind == ErrorKind::USAGE);
  CHECK(DestinationFile::create(folder / "no/", "r").error().reason == Reason::NOT_FOUND);
  CHECK(DestinationFile::create(folder / "no/f", "r").error().reason == Reason::NOT_FOUND);
}

TEST_CASE("the longest name that a file can have works") {
  Folder folder;
  auto file = DestinationFile::create(folder / std::string(255, 'n'), "r");
  REQUIRE(file.has_value());
  CHECK(file->keep(0600).has_value());
}

TEST_CASE("a path's last part names a file") {
  CHECK(fileNameOf("/a/b") == "b");
  CHECK(fileNameOf("a/b//") == "b");
  CHECK(fileNameOf("a") == "a");
  for (const char* path : {"", ".", "..", "/", "a/..", "a/."}) CHECK(fileNameOf(path) == "");
}

}  // namespace
}  // namespace cbs::cli
