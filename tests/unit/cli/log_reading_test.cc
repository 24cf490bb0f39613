#include "cli/jobs/log_reading.h"

#include "tests/unit/cli/fake_jobs.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using schema::OutputStream;
using Asked = schema::Agent::ReadLogParams::Reader;
using Answer = schema::Agent::ReadLogResults::Builder;

struct Chunk {
  OutputStream stream;
  std::string text;
};

// What a job has printed in its last attempt, a chunk a part; an offset is the number of a chunk.
struct Log {
  Log() {
    daemon.script.readLog = [this](Asked asked, Answer to) -> kj::Promise<void> {
      questions.push_back(std::to_string(asked.getAttempt()) + "@" + std::to_string(asked.getOffset()) + "+" +
                          std::to_string(asked.getWaitMs()));
      bool same = asked.getAttempt() == attempt;
      answer(same ? asked.getOffset() : 0, to.initLog());
      bool hangs = to.getLog().getChunks().size() == 0 && !complete && asked.getWaitMs() > 0;
      return hangs ? kj::Promise<void>(kj::NEVER_DONE) : kj::Promise<void>(kj::READY_NOW);
    };
  }

  void answer(uint64_t offset, schema::LogPart::Builder to) {
    bool more = offset < chunks.size();
    to.setAttempt(attempt);
    to.setNext(more ? offset + 1 : chunks.size());
    to.setComplete(complete && offset + 1 >= chunks.size());
    to.setDroppedBytes(dropped);
    auto list = to.initChunks(more ? 1 : 0);
    if (!more) return;
    const Chunk& chunk = chunks[offset];
    list[0].setStream(chunk.stream);
    list[0].setTimeMs(1772357400123);
    list[0].setBytes(kj::arrayPtr(reinterpret_cast<const kj::byte*>(chunk.text.data()), chunk.text.size()));
  }

  kj::Promise<Expected<LogEnd>> read(bool follow = false) { return reading.run(follow); }
  LogEnd finish(bool follow = false) { return read(follow).wait(daemon.io.waitScope).value(); }
  const std::string& out() { return captured.stream(OutputStream::STDOUT).bytes; }
  const std::string& err() { return captured.stream(OutputStream::STDERR).bytes; }

  FakeJobDaemon daemon;
  std::vector<Chunk> chunks;
  uint32_t attempt = 1;
  bool complete = true;
  uint64_t dropped = 0;
  std::vector<std::string> questions;
  std::vector<uint32_t> attempts;
  LastingConnection connection{daemon.loop(), daemon.connect(), [this]() { return daemon.reconnect(); }};
  LogFormat format;
  CapturedOutput captured;
  LogWriter writer{captured, format};
  LogReading reading{connection, "one", writer, [this](uint32_t begun) { attempts.push_back(begun); }};
};

TEST_CASE("all parts are read, each stream to its own, and each part once") {
  Log log;
  log.chunks = {
      {OutputStream::STDOUT, "a\n"}, {OutputStream::STDERR, std::string("e\0\xff", 3)}, {OutputStream::STDOUT, "b"}};
  log.dropped = 7;
  auto end = log.finish();
  CHECK(log.out() == "a\nb");
  CHECK(log.err() == std::string("e\0\xff", 3));
  CHECK(end.attempt == 1);
  CHECK(end.complete);
  CHECK(end.droppedBytes == 7);
  CHECK(log.questions == std::vector<std::string>{"0@0+0", "1@1+0", "1@2+0"});
}

TEST_CASE("what a job that goes on has printed so far is read without waiting for more") {
  Log log;
  log.complete = false;
  log.chunks = {{OutputStream::STDOUT, "so far"}};
  CHECK_FALSE(log.finish().complete);
  CHECK(log.out() == "so far");
}

TEST_CASE("a job that was not begun has printed nothing, and its first attempt is no further one") {
  Log log;
  log.complete = false;
  log.attempt = 0;
  CHECK(log.finish().attempt == 0);
  log.attempt = 1;
  CHECK(log.finish().attempt == 1);
  CHECK(log.attempts.empty());
}

TEST_CASE("following goes on where it was when the daemon comes back, and ends with the job") {
  Log log;
  log.complete = false;
  log.chunks = {{OutputStream::STDOUT, "one "}};
  auto end = log.read(/*follow=*/true);
  CHECK_FALSE(log.daemon.settle(end));
  CHECK(log.out() == "one ");
  log.chunks.push_back({OutputStream::STDOUT, "two"});
  log.complete = true;
  log.daemon.connections.drop();
  CHECK(end.wait(log.daemon.io.waitScope)->complete);
  CHECK(log.out() == "one two");
  CHECK(log.questions == std::vector<std::string>{"0@0+60000", "1@1+60000", "1@1+60000"});
  CHECK(log.attempts.empty());
}

TEST_CASE("another attempt is read from its beginning, begins with its time, and is told") {
  Log log;
  LogWriter writer(log.captured, {true, true, true});
  std::vector<uint32_t> attempts;
  LogReading reading(log.connection, "one", writer, [&](uint32_t begun) { attempts.push_back(begun); });
  log.complete = false;
  log.chunks = {{OutputStream::STDOUT, "first"}};
  kj::Promise<Expected<LogEnd>> end = reading.run(/*follow=*/true);
  CHECK_FALSE(log.daemon.settle(end));
  log.attempt = 2;
  log.complete = true;
  log.chunks = {{OutputStream::STDOUT, "second"}};
  log.daemon.connections.drop();
  CHECK(end.wait(log.daemon.io.waitScope)->attempt == 2);
  CHECK(attempts == std::vector<uint32_t>{2});
  CHECK(log.out() == "2026-03-01T09:30:00.123Z first2026-03-01T09:30:00.123Z second");
}

TEST_CASE("the next part is asked for when the one before has been taken") {
  struct Slow final : OutputTarget {
    Task<Expected<void>> write(OutputStream, kj::ArrayPtr<const kj::byte>) override {
      auto pair = kj::newPromiseAndFulfiller<void>();
      taken = kj::mv(pair.fulfiller);
      co_await pair.promise;
      co_return Expected<void>();
    }
    kj::Own<kj::PromiseFulfiller<void>> taken;
  } slow;
  Log log;
  log.chunks = {{OutputStream::STDOUT, "a"}, {OutputStream::STDOUT, "b"}};
  LogWriter writer(slow, {});
  LogReading reading(log.connection, "one", writer, [](uint32_t) {});
  kj::Promise<Expected<LogEnd>> end = reading.run(false);
  CHECK_FALSE(log.daemon.settle(end));
  CHECK(log.questions.size() == 1);
  slow.taken->fulfill();
  CHECK_FALSE(log.daemon.settle(end));
  CHECK(log.questions.size() == 2);
  slow.taken->fulfill();
  CHECK(end.wait(log.daemon.io.waitScope)->complete);
}

TEST_CASE("a reader that has gone ends the reading") {
  struct Gone final : OutputTarget {
    Task<Expected<void>> write(OutputStream, kj::ArrayPtr<const kj::byte>) override {
      co_return fail(ErrorKind::CANCELLED, Reason::CALLER_GONE, "");
    }
  } gone;
  Log log;
  log.chunks = {{OutputStream::STDOUT, "a"}, {OutputStream::STDOUT, "b"}};
  LogWriter writer(gone, {});
  LogReading reading(log.connection, "one", writer, [](uint32_t) {});
  auto end = reading.run(true).promise().wait(log.daemon.io.waitScope);
  CHECK(end.error().reason == Reason::CALLER_GONE);
  CHECK(log.questions.size() == 1);
}

// What `texts` become, one chunk each, in a format.
std::string written(LogFormat format, std::vector<Chunk> chunks, OutputStream stream) {
  CapturedOutput captured;
  LogWriter writer(captured, format);
  for (const Chunk& chunk : chunks) {
    capnp::MallocMessageBuilder message;
    auto to = message.initRoot<schema::LogPart::Chunk>();
    to.setStream(chunk.stream);
    to.setTimeMs(1772357400123);
    to.setBytes(kj::arrayPtr(reinterpret_cast<const kj::byte*>(chunk.text.data()), chunk.text.size()));
    REQUIRE(writer.write(to).take().has_value());
  }
  return captured.stream(stream).bytes;
}

TEST_CASE("times stand at the beginnings of lines, for each stream on its own") {
  auto out = OutputStream::STDOUT, err = OutputStream::STDERR;
  std::vector<Chunk> chunks = {{out, "a"}, {err, "e\n"}, {out, "b\n\nc\n"}, {err, "f"}, {out, "d"}, {out, ""}};
  std::string t = "2026-03-01T09:30:00.123Z ";
  CHECK(written({true, true, true}, chunks, out) == t + "ab\n" + t + "\n" + t + "c\n" + t + "d");
  CHECK(written({true, true, true}, chunks, err) == t + "e\n" + t + "f");
}

TEST_CASE("where both streams go to one place, no time stands inside the other's line") {
  auto out = OutputStream::STDOUT, err = OutputStream::STDERR;
  std::vector<Chunk> chunks = {{out, "a"}, {err, ""}, {err, "e\nf"}, {out, "b\n"}, {err, "g\n"}, {out, "c\n"}};
  std::string t = "2026-03-01T09:30:00.123Z ";
  LogFormat together{true, true, true, true};
  CHECK(written(together, chunks, out) == t + "ab\n" + t + "c\n");
  CHECK(written(together, chunks, err) == "\n" + t + "e\n" + t + "fg\n");
  together.timestamps = false;
  CHECK(written(together, chunks, err) == "e\nfg\n");
  together = {false, true, true, true};
  CHECK(written(together, chunks, err) == t + "e\n" + t + "fg\n");
}

TEST_CASE("a stream that is not wanted is left out") {
  std::vector<Chunk> chunks = {{OutputStream::STDOUT, "o"}, {OutputStream::STDERR, "e"}};
  CHECK(written({true, false, false}, chunks, OutputStream::STDOUT) == "o");
  CHECK(written({true, false, false}, chunks, OutputStream::STDERR).empty());
  CHECK(written({false, true, false}, chunks, OutputStream::STDOUT).empty());
  CHECK(written({false, true, false}, chunks, OutputStream::STDERR) == "e");
}

TEST_CASE("times of day are RFC 3339 in UTC") {
  CHECK(timeText(0) == "1970-01-01T00:00:00.000Z");
  CHECK(timeText(951782399999) == "2000-02-28T23:59:59.999Z");
}

}  // namespace
}  // namespace cbs::cli
