#include "common/read_file.h"

#include "common/descriptors.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace cbs {
namespace {

struct Folder {
  Folder() { REQUIRE(mkdtemp(path.data()) != nullptr); }
  ~Folder() {
    for (const auto& file : {file(), fifo()}) unlink(file.c_str());
    rmdir(path.c_str());
  }
  std::string file() const { return path + "/file"; }
  std::string fifo() const { return path + "/fifo"; }
  void write(const std::string& text) const {
    auto* stream = fopen(file().c_str(), "we");
    REQUIRE(stream != nullptr);
    REQUIRE(fwrite(text.data(), 1, text.size(), stream) == text.size());
    REQUIRE(fclose(stream) == 0);
  }
  std::string path = "/tmp/cbs-read-file-XXXXXX";
};

// This process may open no more descriptors than it has, as long as the object lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    int next = dup(0);
    close(next);
    rlimit none{static_cast<rlim_t>(next), before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_CASE("a file is read whole, whatever is in it, and however large it says it is") {
  Folder folder;
  for (size_t size : {size_t{0}, size_t{1}, size_t{4096}, size_t{300'000}}) {
    std::string text(size, 'x');
    if (size > 0) text.back() = '\0';
    folder.write(text);
    CHECK(readFile(folder.file(), size) == text);
  }
  CHECK_FALSE(readFile("/proc/self/status", 1 << 20)->empty());
}

TEST_CASE("what cannot be read says why") {
  Folder folder;
  CHECK(readFile(folder.path + "/none", 10).error().reason == Reason::NOT_FOUND);
  CHECK(readFile(folder.path, 10).error().detail == "cannot read " + folder.path + ": Is a directory");
  folder.write("12345");
  CHECK(readFile(folder.file(), 4).error().detail == "cannot read " + folder.file() + ": File too large");
  CHECK(readFile(folder.file() + "/x", 10).error().reason == Reason::NOT_FOUND);
  REQUIRE(mkfifo(folder.fifo().c_str(), 0600) == 0);
  CHECK(readFile(folder.fifo(), 10).error().kind == ErrorKind::INTERNAL);
}

TEST_CASE("a file is not taken for missing when descriptors have run out") {
  Folder folder;
  folder.write("12345");
  CHECK(requireDescriptors(3));
  {
    NoDescriptors shortage;
    CHECK(readFile(folder.file(), 10).error().reason == Reason::DESCRIPTOR_LIMIT);
    CHECK(requireDescriptors(1).error().kind == ErrorKind::OVERLOADED);
  }
  CHECK(readFile(folder.file(), 10) == "12345");
  CHECK(requireDescriptors(3));
}

}  // namespace
}  // namespace cbs
