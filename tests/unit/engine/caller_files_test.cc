#include "agentd/engine/caller_sink.h"
#include "agentd/engine/caller_source.h"
#include "agentd/engine/transfer_codec.h"
#include "tests/support/temp_folder.h"

#include <kj/async-io.h>
#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>

using namespace cbs;
using namespace cbs::engine;

namespace {

class File final : public schema::OpenFile::Server {
 public:
  File(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {
    REQUIRE(fd_.get() >= 0);
  }
  kj::Maybe<int> getFd() override { return fd_.get(); }

 private:
  kj::AutoCloseFd fd_;
};

struct NoFile final : public schema::OpenFile::Server {};

// Serves what a test puts in.
struct Source final : public schema::FileSource::Server {
  struct Content {
    std::string bytes;
    std::optional<Error> error = {};
  };
  std::vector<Content> contents;
  std::string openPath;
  std::optional<std::string> badPath;

  kj::Promise<void> next(NextContext context) override {
    auto entries = context.getResults().initEntries(1);
    encode({"a"}, entries[0]);
    if (badPath) entries[0].setPath(dataOf(*badPath));
    encode({"b", {ErrorKind::TRANSFER_FAILED, Reason::NOT_FOUND, "b"}}, context.getResults().initErrors(1)[0]);
    context.getResults().setDone(true);
    return kj::READY_NOW;
  }
  kj::Promise<void> read(ReadContext context) override {
    auto files = context.getResults().initFiles(static_cast<unsigned>(contents.size()));
    for (unsigned i = 0; i < files.size(); ++i) {
      files[i].setBytes(dataOf(contents[i].bytes));
      if (contents[i].error) cbs::encode(*contents[i].error, files[i].initError());
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> open(OpenContext context) override {
    if (openPath.empty()) {
      context.getResults().setFile(kj::heap<NoFile>());
    } else {
      context.getResults().setFile(kj::heap<File>(openPath, O_RDONLY));
    }
    return kj::READY_NOW;
  }
};

struct World {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  Turnstile threads{2};
  test::TempFolder folder;

  template <typename T>
  T wait(Task<T> task) {
    return kj::mv(task).promise().wait(io.waitScope);
  }
};

kj::ArrayPtr<const kj::byte> bytes(std::string_view text) {
  return kj::arrayPtr(reinterpret_cast<const kj::byte*>(text.data()), text.size());
}

}  // namespace

TEST_CASE("a caller's entries and errors arrive", "[transfer]") {
  World world;
  CallerSource source(world.loop, world.threads, kj::heap<Source>());
  auto batch = world.wait(source.next());
  REQUIRE(batch);
  CHECK(batch->done);
  REQUIRE(batch->entries.size() == 1);
  CHECK(batch->entries[0].path == "a");
  REQUIRE(batch->errors.size() == 1);
  CHECK(batch->errors[0].path == "b");
  CHECK(batch->errors[0].error.reason == Reason::NOT_FOUND);
}

TEST_CASE("a caller whose entry leads out of its tree is not listened to", "[transfer]") {
  World world;
  auto server = kj::heap<Source>();
  server->badPath = "../../etc/shadow";
  CallerSource source(world.loop, world.threads, kj::mv(server));
  auto batch = world.wait(source.next());
  REQUIRE_FALSE(batch);
  CHECK(batch.error().reason == Reason::BAD_REQUEST);
}

TEST_CASE("each small file of a caller's comes with its own error", "[transfer]") {
  World world;
  auto server = kj::heap<Source>();
  server->contents = {{"first"}, {"", Error{ErrorKind::TRANSFER_FAILED, Reason::NOT_FOUND, "gone"}}};
  CallerSource source(world.loop, world.threads, kj::mv(server));
  auto read = world.wait(source.readWhole({{"a"}, {"b"}, {"c"}}));
  REQUIRE(read.size() == 3);
  REQUIRE(read[0]);
  CHECK(*read[0] == bytes("first"));
  REQUIRE_FALSE(read[1]);
  CHECK(read[1].error().reason == Reason::NOT_FOUND);
  CHECK_FALSE(read[2]);  // which the answer has left out
}

TEST_CASE("a small file that is none is refused", "[transfer]") {
  World world;
  auto server = kj::heap<Source>();
  server->contents = {{std::string(transfer::kSmallFile + 1, 'x')}};
  CallerSource source(world.loop, world.threads, kj::mv(server));
  auto read = world.wait(source.readWhole({{"a"}}));
  REQUIRE(read.size() == 1);
  CHECK_FALSE(read[0]);
}

TEST_CASE("a large file of a caller's is read through its descriptor", "[transfer]") {
  World world;
  world.folder.write("file", "0123456789");
  auto server = kj::heap<Source>();
  server->openPath = world.folder.path("file");
  CallerSource source(world.loop, world.threads, kj::mv(server));
  transfer::Entry entry{"file", transfer::Kind::FILE, 10};
  auto reader = world.wait(source.open(entry));
  REQUIRE(reader);
  auto piece = world.wait((*reader)->read(4, 100));
  REQUIRE(piece);
  CHECK(*piece == bytes("456789"));
  CHECK(world.wait((*reader)->checkUnchanged()));

  world.folder.write("file", "0123456789, and more");
  auto changed = world.wait((*reader)->checkUnchanged());
  REQUIRE_FALSE(changed);
  CHECK(changed.error().kind == ErrorKind::TRANSFER_FAILED);
}

TEST_CASE("a file without a descriptor is an error of its own", "[transfer]") {
  World world;
  CallerSource source(world.loop, world.threads, kj::heap<Source>());
  auto reader = world.wait(source.open({"file"}));
  REQUIRE_FALSE(reader);
  CHECK(reader.error().kind == ErrorKind::TRANSFER_FAILED);
}

TEST_CASE("a caller's answer about a thousand entries with long names is read in full", "[transfer]") {
  World world;
  struct Many final : public schema::FileSink::Server {
    kj::Promise<void> look(LookContext context) override {
      auto standings = context.getResults().initStandings(1000);
      for (auto standing : standings) {
        standing.setPresent(true);
        encode({std::string(100, 'n'), transfer::Kind::LINK, 0, 0777, 1, 0, std::string(1000, 't')},
               standing.initEntry());
      }
      return kj::READY_NOW;
    }
  };
  transfer::Options options;
  CallerSink sink(world.loop, world.threads, kj::heap<Many>(), options);
  auto standings = world.wait(sink.look(std::vector<transfer::Entry>(1000)));
  REQUIRE(standings.size() == 1000);
  REQUIRE(standings.back());
  CHECK((*standings.back())->target.size() == 1000);
}

TEST_CASE("a caller that does not know how to serve files ends the transfer", "[transfer]") {
  World world;
  struct Nothing final : public schema::FileSink::Server {};
  transfer::Options options;
  CallerSink sink(world.loop, world.threads, kj::heap<Nothing>(), options);
  auto begun = world.wait(sink.begin({1, {"a"}}));
  REQUIRE_FALSE(begun);
  CHECK(begun.error().kind == ErrorKind::INTERNAL);
  auto put = world.wait(sink.put({}));
  CHECK(put.empty());
  std::vector<transfer::SmallFile> files;
  files.push_back({{"a"}, nullptr});
  CHECK_FALSE(world.wait(sink.put(kj::mv(files)))[0]);
  CHECK_FALSE(world.wait(sink.look({{"a"}}))[0]);
  CHECK_FALSE(world.wait(sink.finish(true)));
}

TEST_CASE("a caller's sink finishes in parts", "[transfer]") {
  World world;
  struct Finishing final : public schema::FileSink::Server {
    kj::Promise<void> finish(FinishContext context) override {
      context.getResults().initDeleted(1).set(0, dataOf("old"));
      context.getResults().setDone(++calls == 2);
      return kj::READY_NOW;
    }
    int calls = 0;
  };
  transfer::Options options;
  CallerSink sink(world.loop, world.threads, kj::heap<Finishing>(), options);
  auto first = world.wait(sink.finish(true));
  REQUIRE(first);
  CHECK(first->deleted == std::vector<std::string>{"old"});
  CHECK_FALSE(first->done);
  CHECK(world.wait(sink.finish(true))->done);
}

TEST_CASE("a caller's file that cannot be written is told with its place", "[transfer]") {
  World world;
  struct Broken final : public schema::FileSink::Server {
    explicit Broken(std::string path) : path(std::move(path)) {}
    kj::Promise<void> begin(BeginContext context) override {
      context.getResults().setPath(dataOf("/there/renamed"));
      return kj::READY_NOW;
    }
    kj::Promise<void> create(CreateContext context) override {
      context.getResults().setFile(kj::heap<File>(path, O_WRONLY | O_CREAT));
      return kj::READY_NOW;
    }
    std::string path;
  };
  transfer::Options options;
  CallerSink sink(world.loop, world.threads, kj::heap<Broken>(world.folder.path("file")), options);
  REQUIRE(world.wait(sink.begin({1, {"tree"}})));
  auto writer = world.wait(sink.create({"tree/a"}));
  REQUIRE(writer);
  auto written = world.wait((*writer)->write(uint64_t{1} << 63, kj::heapArray<kj::byte>(1)));
  REQUIRE_FALSE(written);
  CHECK(written.error().reason == Reason::LOCAL_IO);
  CHECK(written.error().fact("localPath") == "/there/renamed/a");
}
