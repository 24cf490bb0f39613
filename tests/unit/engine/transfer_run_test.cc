#include "tests/support/account.h"
#include "tests/unit/engine/engine_world.h"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace cbs::engine {
namespace {

class TestFile final : public schema::OpenFile::Server {
 public:
  TestFile(const std::string& path, int flags) : file_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  kj::Maybe<int> getFd() override { return file_.get(); }

 private:
  test::UniqueFd file_;
};

class NoFile final : public schema::OpenFile::Server {};

// What an observer was told.
struct Told {
  std::vector<uint64_t> progress;
  int finished = 0;
  Error error{ErrorKind::NONE, Reason::UNSPECIFIED, ""};
  uint64_t bytes = 0;
  uint32_t mode = 0;
  std::string remotePath;
};

class TestObserver final : public schema::TransferObserver::Server {
 public:
  explicit TestObserver(Told& told) : told_(told) {}
  kj::Promise<void> progress(ProgressContext context) override {
    told_.progress.push_back(context.getParams().getBytes());
    return kj::READY_NOW;
  }
  kj::Promise<void> finished(FinishedContext context) override {
    auto result = context.getParams().getResult();
    ++told_.finished;
    told_.error = decode(result.getError());
    told_.bytes = result.getBytes();
    told_.mode = result.getMode();
    auto path = result.getRemotePath();
    told_.remotePath.assign(reinterpret_cast<const char*>(path.begin()), path.size());
    return kj::READY_NOW;
  }

 private:
  Told& told_;
};

struct TransferWorld : EngineWorld {
  using EngineWorld::EngineWorld;

  template <typename Request>
  schema::Transfer::Client begin(Request request, Told& told, const std::string& path, uint64_t size = 0) {
    address(request);
    request.setObserver(kj::heap<TestObserver>(told));
    auto spec = request.initSpec();
    spec.setRemotePath(kj::arrayPtr(reinterpret_cast<const kj::byte*>(path.data()), path.size()));
    spec.setSize(size);
    spec.setMode(0644);
    return request.send().getTransfer();
  }
  schema::Transfer::Client upload(Told& told, const std::string& source, const std::string& path) {
    auto request = engine.uploadRequest();
    request.setSource(kj::heap<TestFile>(source, O_RDONLY));
    return begin(kj::mv(request), told, path, std::filesystem::file_size(source));
  }
  schema::Transfer::Client download(Told& told, const std::string& path, const std::string& destination) {
    auto request = engine.downloadRequest();
    request.setDestination(kj::heap<TestFile>(destination, O_RDWR | O_CREAT));
    return begin(kj::mv(request), told, path);
  }
  // A sparse file: large, and costs no disk.
  std::string largeFile(uint64_t size) {
    std::string path = local.write("large", "");
    std::filesystem::resize_file(path, size);
    return path;
  }
  bool remoteIsEmpty() { return std::filesystem::is_empty(sshd.remoteFolder()); }

  test::TempFolder local;
};

TEST_CASE("a file goes to a host and comes back through the engine") {
  TransferWorld world;
  Told up, down;
  auto uploading = world.upload(up, world.local.write("source", "there and back"), world.remote("file"));
  world.until([&]() { return up.finished > 0; });
  REQUIRE(up.error.kind == ErrorKind::NONE);
  REQUIRE(up.bytes == 14);
  REQUIRE(up.remotePath == world.remote("file"));

  auto downloading = world.download(down, world.remote("file"), world.local.path("back"));
  world.until([&]() { return down.finished > 0; });
  REQUIRE(down.error.kind == ErrorKind::NONE);
  REQUIRE(down.mode == 0644);
  REQUIRE(test::readFile(world.local.path("back")) == "there and back");

  auto stats = world.engine.statsRequest().send().wait(world.io.waitScope);
  REQUIRE(stats.getStats().getUploadBytes() == 14);
  REQUIRE(stats.getStats().getDownloadBytes() == 14);
  REQUIRE(stats.getStats().getTransfersRunning() == 0);
  REQUIRE(stats.getStats().getCreated() == 1);
}

TEST_CASE("an upload that is cancelled in the middle leaves nothing on the host") {
  TransferWorld world;
  Told told;
  {
    auto uploading = world.upload(told, world.largeFile(uint64_t(8) << 30), world.remote("file"));
    world.until([&]() { return !told.progress.empty(); });
    REQUIRE_FALSE(world.remoteIsEmpty());
    REQUIRE(told.finished == 0);
  }
  world.until([&]() { return told.finished > 0; });
  REQUIRE(told.error.kind == ErrorKind::CANCELLED);
  REQUIRE(told.error.fact("leftBehind").empty());
  REQUIRE(world.remoteIsEmpty());
}

TEST_CASE("a download that is cancelled ends, and its connection is used again") {
  TransferWorld world;
  std::ofstream(world.remote("file"));
  std::filesystem::resize_file(world.remote("file"), uint64_t(8) << 30);
  if (geteuid() == 0) test::giveToTestAccount(world.remote("file"));
  Told told, next;
  {
    auto downloading = world.download(told, world.remote("file"), world.local.path("d"));
    world.until([&]() { return !told.progress.empty(); });
  }
  world.until([&]() { return told.finished > 0; });
  REQUIRE(told.error.kind == ErrorKind::CANCELLED);
  auto uploading = world.upload(next, world.local.write("s", "x"), world.remote("next"));
  world.until([&]() { return next.finished > 0; });
  REQUIRE(next.error.kind == ErrorKind::NONE);
  REQUIRE(world.engine.statsRequest().send().wait(world.io.waitScope).getStats().getCreated() == 1);
}

TEST_CASE("an upload whose connection is lost fails, and is cleaned up over another one") {
  TransferWorld world;
  Told told;
  auto uploading = world.upload(told, world.largeFile(uint64_t(8) << 30), world.remote("file"));
  world.until([&]() { return !told.progress.empty(); });
  world.sshd.killConnections();
  world.until([&]() { return told.finished > 0; });
  REQUIRE(told.error.kind == ErrorKind::TRANSFER_FAILED);
  REQUIRE(told.error.reason == Reason::CONNECTION_LOST);
  REQUIRE(world.remoteIsEmpty());
}

TEST_CASE("a transfer without a descriptor, or that makes no sense, is refused") {
  TransferWorld world;
  Told bare, senseless;
  auto request = world.engine.uploadRequest();
  request.setSource(kj::heap<NoFile>());
  auto uploading = world.begin(kj::mv(request), bare, world.remote("file"));
  world.until([&]() { return bare.finished > 0; });
  REQUIRE(bare.error.reason == Reason::LOCAL_IO);

  auto other = world.upload(senseless, world.local.write("s", "x"), std::string("a\0b", 3));
  world.until([&]() { return senseless.finished > 0; });
  REQUIRE(senseless.error.kind == ErrorKind::USAGE);
}

TEST_CASE("draining ends transfers and takes no new ones") {
  TransferWorld world;
  Told running, late;
  auto uploading = world.upload(running, world.largeFile(uint64_t(8) << 30), world.remote("file"));
  world.until([&]() { return !running.progress.empty(); });
  world.engine.drainRequest().send().wait(world.io.waitScope);
  REQUIRE(running.finished == 1);
  REQUIRE(running.error.reason == Reason::DAEMON_STOPPING);
  REQUIRE(world.remoteIsEmpty());
  auto refused = world.upload(late, world.local.write("s", "x"), world.remote("late"));
  world.until([&]() { return late.finished > 0; });
  REQUIRE(late.error.reason == Reason::DRAINING);
}

TEST_CASE("more transfers than a connection has sessions go over sibling connections") {
  TransferWorld world({.limits = test::SshdOptions::Limits::kDefaults, .lines = {"MaxSessions 2"}});
  std::string source = world.local.write("source", std::string(1 << 20, 'x'));
  std::vector<Told> told(6);
  std::vector<schema::Transfer::Client> transfers;
  for (size_t i = 0; i < told.size(); ++i) {
    transfers.push_back(world.upload(told[i], source, world.remote("f" + std::to_string(i))));
  }
  for (Told& each : told) {
    world.until([&]() { return each.finished > 0; });
    REQUIRE(each.error.kind == ErrorKind::NONE);
  }
}

TEST_CASE("progress is told in order, at most ten times a second, and finished comes once and last") {
  TransferWorld world;
  Told told;
  auto start = world.loop.timer.now();
  auto uploading = world.upload(told, world.largeFile(uint64_t(200) << 20), world.remote("file"));
  world.until([&]() { return told.finished > 0; });
  size_t toldBefore = told.progress.size();
  REQUIRE(told.error.kind == ErrorKind::NONE);
  auto tenths = static_cast<size_t>((world.loop.timer.now() - start) / (100 * kj::MILLISECONDS));
  REQUIRE(told.progress.size() <= tenths);
  REQUIRE(std::is_sorted(told.progress.begin(), told.progress.end()));
  world.loop.timer.afterDelay(150 * kj::MILLISECONDS).wait(world.io.waitScope);
  REQUIRE(told.finished == 1);
  REQUIRE(told.progress.size() == toldBefore);
}

}  // namespace
}  // namespace cbs::engine
