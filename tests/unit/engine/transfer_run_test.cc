#include "agentd/engine/transfer_codec.h"
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

constexpr uint64_t kMega = uint64_t{1} << 20;

class OneFile final : public schema::OpenFile::Server {
 public:
  explicit OneFile(const std::string& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  kj::Maybe<int> getFd() override { return file_.get(); }

 private:
  kj::AutoCloseFd file_;
};

// A caller's only file.
class OneSource final : public schema::FileSource::Server {
 public:
  explicit OneSource(std::string path) : path_(std::move(path)) {}

  kj::Promise<void> roots(RootsContext context) override {
    context.getResults().setCount(1);
    encode(entry(), context.getResults().initFirst());
    return kj::READY_NOW;
  }
  kj::Promise<void> next(NextContext context) override {
    encode(entry(), context.getResults().initEntries(1)[0]);
    context.getResults().setDone(true);
    return kj::READY_NOW;
  }
  kj::Promise<void> read(ReadContext context) override {
    context.getResults().initFiles(1)[0].setBytes(dataOf(test::readFile(path_)));
    return kj::READY_NOW;
  }
  kj::Promise<void> open(OpenContext context) override {
    context.getResults().setFile(kj::heap<OneFile>(path_));
    return kj::READY_NOW;
  }

 private:
  transfer::Entry entry() const {
    return {.path = "file", .size = std::filesystem::file_size(path_), .mode = 0644, .mtimeS = 1'000'000};
  }

  std::string path_;
};

// What an observer was told, and how it behaves.
struct Told {
  uint64_t sentBytes = 0;
  int calls = 0;
  int finished = 0;
  int afterEnd = 0;
  Error error{ErrorKind::NONE, Reason::UNSPECIFIED, ""};
  uint64_t totalBytes = 0;
  std::string path;
  std::vector<std::string> names;
  bool gone = false;                                     // it answers nothing
  std::optional<kj::ForkedPromise<void>> patience = {};  // it answers late

  kj::Promise<void> take() {
    ++calls;
    afterEnd += finished;
    if (gone) return KJ_EXCEPTION(DISCONNECTED, "gone");
    if (patience) return patience->addBranch();
    return kj::READY_NOW;
  }
  kj::Promise<void> end(schema::Error::Reader why) {
    error = cbs::decode(why);
    auto answer = take();
    ++finished;
    return answer;
  }
};

class TestObserver final : public schema::TransferObserver::Server {
 public:
  explicit TestObserver(Told& told) : told_(told) {}
  kj::Promise<void> progress(ProgressContext context) override {
    told_.sentBytes = context.getParams().getProgress().getSentBytes();
    return told_.take();
  }
  kj::Promise<void> events(EventsContext) override { return told_.take(); }
  kj::Promise<void> finished(FinishedContext context) override {
    auto result = context.getParams().getResult();
    told_.totalBytes = result.getTotalBytes();
    told_.path = bytesOf(result.getPath());
    return told_.end(result.getError());
  }

 private:
  Told& told_;
};

class TestListing final : public schema::ListingObserver::Server {
 public:
  explicit TestListing(Told& told) : told_(told) {}
  kj::Promise<void> files(FilesContext context) override {
    for (auto file : context.getParams().getFiles()) told_.names.push_back(bytesOf(file.getName()));
    return told_.take();
  }
  kj::Promise<void> failed(FailedContext context) override {
    told_.names.push_back("failed: " + bytesOf(context.getParams().getError().getPath()));
    return told_.take();
  }
  kj::Promise<void> finished(FinishedContext context) override { return told_.end(context.getParams().getError()); }

 private:
  Told& told_;
};

struct TransferWorld : EngineWorld {
  schema::Transfer::Client upload(Told& told, const std::string& source, const transfer::Options& options = {}) {
    auto request = engine.transferRequest();
    auto order = request.initOrder();
    order.getFrom().setCaller(kj::heap<OneSource>(source));
    fill(order.getTo().initHost(), remote("file"));
    encode(options, order.initOptions());
    request.setObserver(kj::heap<TestObserver>(told));
    return request.send().getTransfer();
  }
  // One that does not end by itself soon.
  schema::Transfer::Client uploadSlowly(Told& told) {
    const std::string path = local.write("large", "");
    std::filesystem::resize_file(path, uint64_t{8} << 30);
    return upload(told, path, {.limitRate = 16 * kMega});
  }
  schema::Transfer::Client list(Told& told, const std::string& path) {
    auto request = engine.listRequest();
    fill(request.initPlace(), path);
    request.setObserver(kj::heap<TestListing>(told));
    return request.send().getListing();
  }
  void awaitEnd(const Told& told) {
    until([&]() { return told.finished > 0; });
  }
  void awaitBytes(const Told& told) {
    until([&]() { return told.sentBytes > 2 * kMega; });
  }
  // Nothing runs any more after this.
  void drain() { engine.drainRequest().send().wait(io.waitScope); }
  unsigned channelsInUse() {
    auto connections = engine.connectionsRequest().send().wait(io.waitScope);
    unsigned channels = 0;
    for (auto connection : connections.getConnections()) channels += connection.getChannels();
    return channels;
  }
  auto stats() { return engine.statsRequest().send().wait(io.waitScope); }
  // The temporary files at the destination.
  std::vector<std::string> parts() {
    std::vector<std::string> found;
    for (const auto& file : std::filesystem::directory_iterator(sshd.remoteFolder())) {
      if (file.path().filename().string().starts_with(".file.cbs-")) found.push_back(file.path());
    }
    return found;
  }

  test::TempFolder local;

 private:
  void fill(schema::Place::Builder place, const std::string& path) {
    address(place);
    place.initPaths(1).set(0, dataOf(path));
  }
};

TEST_CASE("a caller's file goes to a host, and the end is told once and last") {
  TransferWorld world;
  Told told;
  auto transfer = world.upload(told, world.local.write("source", std::string(3 * kMega, 'x')));
  world.awaitEnd(told);
  CHECK(told.error.kind == ErrorKind::NONE);
  CHECK(told.path == world.remote("file"));
  CHECK(told.totalBytes == 3 * kMega);
  CHECK(std::filesystem::file_size(world.remote("file")) == 3 * kMega);
  transfer = nullptr;
  world.drain();
  CHECK(told.finished == 1);
  CHECK(told.afterEnd == 0);
}

TEST_CASE("a transfer that is cancelled leaves a part, and tells it") {
  TransferWorld world;
  Told told;
  auto transfer = world.uploadSlowly(told);
  world.awaitBytes(told);
  transfer.cancelRequest().send().wait(world.io.waitScope);
  world.awaitEnd(told);
  CHECK(told.error.reason == Reason::CALLER_CANCELLED);
  REQUIRE(world.parts().size() == 1);
  CHECK(told.error.fact("part") == world.parts().front());
  CHECK(told.totalBytes == 0);
  transfer.cancelRequest().send().wait(world.io.waitScope);
  world.drain();
  CHECK(told.finished == 1);
}

TEST_CASE("a transfer whose hold is dropped ends, and gives its channels back") {
  TransferWorld world;
  Told told;
  {
    auto transfer = world.uploadSlowly(told);
    world.awaitBytes(told);
  }
  world.awaitEnd(told);
  CHECK(told.error.kind == ErrorKind::CANCELLED);
  world.until([&]() { return world.channelsInUse() == 0; });
}

TEST_CASE("a transfer whose observer has gone ends, and gives its channels back though its hold is kept") {
  TransferWorld world;
  Told told;
  auto transfer = world.uploadSlowly(told);
  world.awaitBytes(told);
  told.gone = true;
  world.until([&]() { return world.channelsInUse() == 0; });
  world.until([&]() { return world.stats().getStats().getTransfersRunning() == 0; });
  CHECK(world.parts().size() == 1);
}

TEST_CASE("a caller who is slow to take the end does not keep channels, nor one who keeps its hold") {
  TransferWorld world;
  Told told;
  auto gate = kj::newPromiseAndFulfiller<void>();
  told.patience.emplace(gate.promise.fork());
  auto transfer = world.upload(told, world.local.write("source", "hello"));
  world.until([&]() { return told.calls > 0; });  // of which it takes none
  world.until([&]() { return world.channelsInUse() == 0; });
  CHECK(world.stats().getStats().getTransfersRunning() == 1);
  gate.fulfiller->fulfill();
  world.awaitEnd(told);
  CHECK(told.error.kind == ErrorKind::NONE);
}

TEST_CASE("draining stops transfers, which tell so, and takes no new ones") {
  TransferWorld world;
  Told running, late;
  auto transfer = world.uploadSlowly(running);
  world.awaitBytes(running);
  world.drain();
  CHECK(running.finished == 1);
  CHECK(running.error.reason == Reason::DAEMON_STOPPING);
  CHECK(running.error.fact("part") == world.parts().front());
  auto refused = world.upload(late, world.local.write("source", "x"));
  world.awaitEnd(late);
  CHECK(late.error.reason == Reason::DRAINING);
}

TEST_CASE("a transfer whose connection is lost has failed") {
  TransferWorld world;
  Told told;
  auto transfer = world.uploadSlowly(told);
  world.awaitBytes(told);
  world.sshd.killConnections();
  world.awaitEnd(told);
  CHECK(told.error.kind == ErrorKind::TRANSFER_FAILED);
  CHECK(told.error.reason == Reason::CONNECTION_LOST);
}

TEST_CASE("only transfers that went well count among the times that they took") {
  TransferWorld world;
  const std::string source = world.local.write("source", "hello");
  Told dry, failed, good;
  auto first = world.upload(dry, source, {.dryRun = true});
  world.awaitEnd(dry);
  CHECK(dry.error.kind == ErrorKind::NONE);

  std::filesystem::create_directory(world.remote("file"));
  if (geteuid() == 0) test::giveToTestAccount(world.remote("file"));
  std::filesystem::create_directory(world.remote("file") + "/file");
  auto second = world.upload(failed, source);
  world.awaitEnd(failed);
  CHECK(failed.error.reason == Reason::ALREADY_EXISTS);
  CHECK(failed.error.fact("remotePath") == world.remote("file") + "/file");
  CHECK(world.stats().getStats().getUploads().getCount() == 0);

  std::filesystem::remove_all(world.remote("file"));
  auto third = world.upload(good, source);
  world.awaitEnd(good);
  CHECK(good.error.kind == ErrorKind::NONE);
  CHECK(world.stats().getStats().getUploads().getCount() == 1);
  CHECK(world.stats().getStats().getUploadBytes() == 5);
}

TEST_CASE("too many patterns of what is to be excluded are refused") {
  TransferWorld world;
  Told told;
  auto transfer =
      world.upload(told, world.local.write("source", "hello"), {.exclude = std::vector<std::string>(10'001, "*.o")});
  world.awaitEnd(told);
  CHECK(told.error.reason == Reason::BAD_REQUEST);
}

TEST_CASE("a listing tells what is there, and gives its channel back though its hold is kept") {
  TransferWorld world;
  std::ofstream(world.remote("one"));
  std::ofstream(world.remote("two"));
  Told told;
  auto listing = world.list(told, world.sshd.remoteFolder());
  world.awaitEnd(told);
  CHECK(told.error.kind == ErrorKind::NONE);
  std::sort(told.names.begin(), told.names.end());
  CHECK(told.names == std::vector<std::string>{"one", "two"});
  CHECK(world.stats().getStats().getListings().getCount() == 1);
  world.until([&]() { return world.channelsInUse() == 0; });
}

TEST_CASE("a listing can be cancelled while its caller takes nothing") {
  TransferWorld world;
  std::ofstream(world.remote("one"));
  Told told;
  auto gate = kj::newPromiseAndFulfiller<void>();
  told.patience.emplace(gate.promise.fork());
  auto listing = world.list(told, world.sshd.remoteFolder());
  world.until([&]() { return told.calls > 0; });
  listing.cancelRequest().send().wait(world.io.waitScope);
  world.until([&]() { return world.channelsInUse() == 0; });
  gate.fulfiller->fulfill();
  world.awaitEnd(told);
  CHECK(told.error.reason == Reason::CALLER_CANCELLED);
}

TEST_CASE("draining stops a listing") {
  TransferWorld world;
  std::ofstream(world.remote("one"));
  Told told;
  auto gate = kj::newPromiseAndFulfiller<void>();
  told.patience.emplace(gate.promise.fork());
  auto listing = world.list(told, world.sshd.remoteFolder());
  world.until([&]() { return told.calls > 0; });
  auto draining = world.engine.drainRequest().send();
  world.until([&]() { return world.channelsInUse() == 0; });
  gate.fulfiller->fulfill();
  draining.wait(world.io.waitScope);
  CHECK(told.error.reason == Reason::DAEMON_STOPPING);
}

}  // namespace
}  // namespace cbs::engine
