#include "agentd/transfer/local_file.h"

#include "agentd/transfer/sha256.h"
#include "tests/support/temp_folder.h"
#include "tests/support/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kj/async-io.h>

#include <catch2/catch_test_macros.hpp>

#include <vector>

namespace cbs::transfer {
namespace {

struct FileWorld {
  Expected<LocalFile> adopt(const std::string& path, int flags, LocalFile::Use use) {
    test::UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    return LocalFile::adopt(loop, threads, file.get(), use);
  }
  LocalFile reading(const std::string& content) {
    return adopt(folder.write("file", content), O_RDONLY, LocalFile::Use::READ).value();
  }
  LocalFile writing() { return adopt(folder.path("new"), O_WRONLY | O_CREAT, LocalFile::Use::WRITE).value(); }

  template <typename T>
  Expected<T> wait(Task<Expected<T>> task) {
    return kj::mv(task).promise().wait(io.waitScope);
  }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  Turnstile threads{2};
  test::TempFolder folder;
};

std::string patterned(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251);
  return text;
}

kj::Array<kj::byte> bytesOf(std::string_view text) {
  return kj::heapArray(reinterpret_cast<const kj::byte*>(text.data()), text.size());
}

std::string textOf(const kj::Array<kj::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

std::string digestOf(std::string_view text) {
  Sha256 hash;
  hash.add({reinterpret_cast<const kj::byte*>(text.data()), text.size()});
  return hash.digest();
}

TEST_CASE("a local file is read from anywhere, as far as it goes") {
  FileWorld world;
  const std::string content = patterned(300'000);
  auto file = world.reading(content);
  REQUIRE(textOf(world.wait(file.read(1000, 200'000)).value()) == content.substr(1000, 200'000));
  REQUIRE(textOf(world.wait(file.read(299'990, 100)).value()) == content.substr(299'990));
  REQUIRE(world.wait(file.read(400'000, 100)).value().size() == 0);
}

TEST_CASE("a local file is written in any order, in small pieces and large ones") {
  FileWorld world;
  const std::string content = patterned(300'000);
  auto file = world.writing();
  REQUIRE(world.wait(file.write(100, bytesOf(content.substr(100)))));
  REQUIRE(world.wait(file.write(0, bytesOf(content.substr(0, 100)))));
  REQUIRE(test::readFile(world.folder.path("new")) == content);
}

TEST_CASE("no more threads work on local files than are let through") {
  FileWorld world;
  auto file = world.writing();
  std::vector<Turnstile::Pass> passes;
  for (int i = 0; i < 2; ++i) passes.push_back(world.threads.enter().wait(world.io.waitScope));
  auto writing = file.write(0, bytesOf("hello")).promise();
  REQUIRE_FALSE(writing.poll(world.io.waitScope));
  passes.pop_back();
  REQUIRE(writing.wait(world.io.waitScope));
  REQUIRE(test::readFile(world.folder.path("new")) == "hello");
}

TEST_CASE("a digest goes over many turns of its thread") {
  FileWorld world;
  auto file = world.writing();
  constexpr uint64_t kSize = uint64_t{130} << 20;
  REQUIRE(::truncate(world.folder.path("new").c_str(), kSize) == 0);
  auto whole = world.adopt(world.folder.path("new"), O_RDONLY, LocalFile::Use::READ).value();
  Sha256 zeros;
  const auto block = bytesOf(std::string(size_t{1} << 20, '\0'));
  for (int i = 0; i < 130; ++i) zeros.add(block);
  REQUIRE(world.wait(whole.digest(0, UINT64_MAX)).value() == zeros.digest());
}

TEST_CASE("a device is no local file") {
  FileWorld world;
  auto file = world.adopt("/dev/full", O_WRONLY, LocalFile::Use::WRITE);
  REQUIRE(file.error().reason == Reason::LOCAL_IO);
}

TEST_CASE("the digest of a range of a local file goes as far as the file") {
  FileWorld world;
  const std::string content = patterned(1'000'000);
  auto file = world.reading(content);
  REQUIRE(world.wait(file.digest(0, content.size())).value() == digestOf(content));
  REQUIRE(world.wait(file.digest(0, UINT64_MAX)).value() == digestOf(content));
  REQUIRE(world.wait(file.digest(65'536, 500'001)).value() == digestOf(content.substr(65'536, 500'001)));
  REQUIRE(world.wait(file.digest(999'999, 1000)).value() == digestOf(content.substr(999'999)));
  REQUIRE(world.wait(file.digest(2'000'000, 1000)).value() == digestOf(""));
  REQUIRE(world.wait(file.digest(5, 0)).value() == digestOf(""));
}

TEST_CASE("a digest that nobody waits for any more harms nobody") {
  FileWorld world;
  auto file = world.reading(patterned(1'000'000));
  { auto dropped = file.digest(0, UINT64_MAX); }
  REQUIRE(world.wait(file.digest(0, 0)).value() == digestOf(""));
}

TEST_CASE("a digest of what the system cannot read fails") {
  FileWorld world;
  auto file = world.reading("x");
  REQUIRE(world.wait(file.digest(UINT64_MAX - 10, 5)).error().reason == Reason::LOCAL_IO);
}

TEST_CASE("only a regular file that is open for its use is taken") {
  FileWorld world;
  const std::string path = world.folder.write("file", "x");
  REQUIRE_FALSE(world.adopt(path, O_RDONLY, LocalFile::Use::WRITE));
  REQUIRE_FALSE(world.adopt(path, O_WRONLY, LocalFile::Use::READ));
  REQUIRE(world.adopt(path, O_RDWR, LocalFile::Use::READ));
  REQUIRE_FALSE(world.adopt(world.folder.path(), O_RDONLY | O_DIRECTORY, LocalFile::Use::READ));
  REQUIRE(::mkfifo(world.folder.path("pipe").c_str(), 0600) == 0);
  REQUIRE_FALSE(world.adopt(world.folder.path("pipe"), O_RDWR, LocalFile::Use::READ));
  REQUIRE_FALSE(LocalFile::adopt(world.loop, world.threads, -1, LocalFile::Use::READ));
}

TEST_CASE("a local file's stamp tells that it was written to") {
  FileWorld world;
  auto file = world.reading("one");
  auto before = file.stamp();
  REQUIRE(before.size == 3);
  REQUIRE(file.stamp() == before);
  REQUIRE(::truncate(world.folder.path("file").c_str(), 5) == 0);
  REQUIRE_FALSE(file.stamp() == before);
}

}  // namespace
}  // namespace cbs::transfer
