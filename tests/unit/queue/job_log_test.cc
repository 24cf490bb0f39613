#include "agentd/queue/job_log.h"

#include "tests/support/small_disk.h"
#include "tests/support/temp_folder.h"

#include <catch2/catch_test_macros.hpp>

#include <sys/stat.h>
#include <unistd.h>

namespace cbs::queue {
namespace {

using namespace std::string_literals;
using schema::OutputStream;

constexpr uint64_t kNoCap = UINT64_MAX;

// A log in a folder of its own.
struct LogWorld {
  void append(LogWriter& log, std::string_view bytes, OutputStream stream = OutputStream::STDOUT, uint64_t timeMs = 5) {
    log.append(stream, timeMs, kj::ArrayPtr<const char>(bytes.data(), bytes.size()).asBytes());
  }
  std::string content() const { return test::readFile(file); }

  test::TempFolder folder;
  std::string file = folder.path("log");
};

std::string frame(std::string_view bytes, OutputStream stream = OutputStream::STDOUT, uint64_t timeMs = 5) {
  return logHead(stream, timeMs, bytes.size()).append(bytes);
}

TEST_CASE("the head of a frame is as the format says") {
  auto head = logHead(OutputStream::STDERR, 0x0102030405060708, 0xabcd);
  REQUIRE(head == "\xcd\xab\0\0\1\0\0\0\x08\x07\x06\x05\x04\x03\x02\x01"s);
}

TEST_CASE("what is appended can be read from the file and, while it is small, from memory") {
  LogWorld world;
  LogWriter log(world.file, kNoCap);
  REQUIRE(access(world.file.c_str(), F_OK) != 0);
  world.append(log, "out\0"s, OutputStream::STDOUT, 1);
  world.append(log, "err", OutputStream::STDERR, 2);
  REQUIRE(log.isSmall());
  REQUIRE(log.small() == world.content());
  REQUIRE(log.size() == log.small().size());
  size_t used = 0;
  auto frames = logFrames(log.small(), SIZE_MAX, used);
  REQUIRE(used == log.size());
  REQUIRE(frames.size() == 2);
  REQUIRE(frames[0].stream == OutputStream::STDOUT);
  REQUIRE(frames[0].timeMs == 1);
  REQUIRE(frames[0].bytes == "out\0"s);
  REQUIRE(frames[1].stream == OutputStream::STDERR);
  REQUIRE(frames[1].timeMs == 2);
  REQUIRE(frames[1].bytes == "err");
}

TEST_CASE("a log file is for its owner only") {
  LogWorld world;
  auto before = umask(0);
  LogWriter log(world.file, kNoCap);
  world.append(log, "x");
  umask(before);
  struct stat info;
  REQUIRE(stat(world.file.c_str(), &info) == 0);
  REQUIRE((info.st_mode & 07777) == 0600);
}

TEST_CASE("a log that is no longer small is in its file alone") {
  LogWorld world;
  LogWriter log(world.file, kNoCap);
  std::string most(LogWriter::kSmall - kLogHead, 'x');
  world.append(log, most);
  REQUIRE(log.isSmall());
  REQUIRE(log.small() == frame(most));
  world.append(log, "y");
  REQUIRE_FALSE(log.isSmall());
  REQUIRE(log.small().empty());
  REQUIRE(world.content() == frame(most) + frame("y"));
}

TEST_CASE("what is longer than a frame becomes several, and nothing becomes none") {
  LogWorld world;
  LogWriter log(world.file, kNoCap);
  world.append(log, "");
  REQUIRE(log.size() == 0);
  std::string piece(kMostInFrame, 'a');
  world.append(log, piece + piece + "b");
  REQUIRE(world.content() == frame(piece) + frame(piece) + frame("b"));
  REQUIRE(log.size() == world.content().size());
}

TEST_CASE("frames are read from any beginning, as many as are wanted but at least one") {
  std::string log = frame("1") + frame("22") + frame("333");
  for (size_t from : {size_t{0}, frame("1").size(), frame("1").size() + frame("22").size()}) {
    auto rest = std::string_view(log).substr(from);
    for (size_t most = 0; most <= rest.size() + 1; ++most) {
      size_t used = 0;
      auto frames = logFrames(rest, most, used);
      REQUIRE_FALSE(frames.empty());
      REQUIRE((frames.size() == 1 || used <= most));
      size_t length = 0;
      for (const auto& frame : frames) length += kLogHead + frame.bytes.size();
      REQUIRE(length == used);
      bool another = used < rest.size() && used + kLogHead + static_cast<uint8_t>(rest[used]) <= most;
      REQUIRE_FALSE(another);
    }
  }
}

TEST_CASE("a log that was cut short is whole up to its last whole frame") {
  LogWorld world;
  std::string whole = frame("first") + frame("second", OutputStream::STDERR);
  std::string torn = frame(std::string(100, 'z'));
  for (size_t length = 0; length < torn.size(); ++length) {
    std::string log = whole + torn.substr(0, length);
    size_t used = 0;
    REQUIRE(logFrames(log, SIZE_MAX, used).size() == 2);
    REQUIRE(used == whole.size());
    world.folder.write("log", log);
    auto extent = extentOfLog(world.file);
    REQUIRE(extent.size == whole.size());
    REQUIRE(extent.stdoutBytes == 5);
    REQUIRE(extent.stderrBytes == 6);
  }
}

TEST_CASE("what is no frame ends a log") {
  std::string whole = frame("first");
  auto spoilt = [](size_t at, char byte) {
    auto bytes = frame("second") + std::string(kMostInFrame * 2, 'x');
    bytes[at] = byte;
    return bytes;
  };
  for (const auto& rest : {std::string(64, '\0').replace(4, 1, "\2"), spoilt(2, 1), spoilt(3, '\xff'), spoilt(4, 2),
                           spoilt(5, 1), spoilt(7, '\x80')}) {
    size_t used = 0;
    REQUIRE(logFrames(whole + rest, SIZE_MAX, used).size() == 1);
    REQUIRE(used == whole.size());
    REQUIRE(logFrames(rest, SIZE_MAX, used).empty());
    REQUIRE(used == 0);
  }
}

TEST_CASE("the extent of a large log is the sum of its frames") {
  LogWorld world;
  LogWriter log(world.file, kNoCap);
  for (int i = 0; i < 20; ++i) {
    world.append(log, std::string(kMostInFrame - static_cast<size_t>(i) * 7, 'x'));
    world.append(log, "error", OutputStream::STDERR);
  }
  auto extent = extentOfLog(world.file);
  REQUIRE(extent.size == log.size());
  REQUIRE(extent.stdoutBytes == 20 * kMostInFrame - 7 * 190);
  REQUIRE(extent.stderrBytes == 100);
  REQUIRE(extentOfLog(world.folder.path("none")).size == 0);
  REQUIRE(extentOfLog(world.folder.path()).size == 0);
}

TEST_CASE("at most so many bytes of a log are kept, and the rest is counted") {
  for (size_t most = 0; most < 80; ++most) {
    LogWorld world;
    LogWriter log(world.file, most);
    for (const char* bytes : {"0123456789", "abcdefghij", "x"}) world.append(log, bytes);
    REQUIRE(log.size() <= most);
    REQUIRE(log.small().size() == log.size());
    REQUIRE(world.content() == log.small());
    size_t used = 0;
    std::string kept;
    for (const auto& frame : logFrames(log.small(), SIZE_MAX, used)) kept += frame.bytes;
    REQUIRE(used == log.size());
    REQUIRE(kept == std::string("0123456789abcdefghijx").substr(0, kept.size()));
    REQUIRE(kept.size() + log.dropped() == 21);
    if (most >= 2 * kLogHead + 11) REQUIRE(kept.size() >= 11);
  }
}

TEST_CASE("a full disk drops what does not fit, and nothing before it") {
  LogWorld world;
  std::string folder = world.folder.makeFolder("disk");
  test::SmallDisk disk(folder, 100 * 1024);
  if (!disk.mounted()) SKIP("only root can mount a small disk");
  LogWriter log(folder + "/log", kNoCap);
  std::string piece(30'000, 'x');
  for (int i = 0; i < 5; ++i) world.append(log, piece);
  REQUIRE(log.dropped() == 2 * piece.size());
  REQUIRE(test::readFile(folder + "/log") == frame(piece) + frame(piece) + frame(piece));
  world.append(log, "y");  // would fit, but leave a hole
  REQUIRE(log.dropped() == 2 * piece.size() + 1);
  REQUIRE(log.size() == 3 * (kLogHead + piece.size()));
  log.restart();
  world.append(log, piece);
  REQUIRE(log.dropped() == 0);
  REQUIRE(test::readFile(folder + "/log") == frame(piece));
}

TEST_CASE("a log without a place is kept as long as it is small, and has no holes") {
  LogWorld world;
  LogWriter log(world.folder.path("none/log"), kNoCap);
  world.append(log, "x");
  REQUIRE(log.small() == frame("x"));
  world.folder.makeFolder("none");  // too late for what has been missed
  world.append(log, std::string(LogWriter::kSmall, 'y'));
  REQUIRE(log.dropped() == LogWriter::kSmall);
  REQUIRE(log.small() == frame("x"));
  log.restart();
  world.append(log, std::string(LogWriter::kSmall, 'y'));
  REQUIRE(log.dropped() == 0);
  REQUIRE(test::readFile(log.file()).size() == kLogHead + LogWriter::kSmall);
}

TEST_CASE("a log is not written through somebody's link") {
  LogWorld world;
  auto victim = world.folder.write("victim", "content");
  REQUIRE(symlink(victim.c_str(), world.file.c_str()) == 0);
  LogWriter log(world.file, kNoCap);
  world.append(log, std::string(LogWriter::kSmall, 'x'));
  REQUIRE(log.dropped() == LogWriter::kSmall);
  REQUIRE_FALSE(readLogFile(world.file, 0, 10));
  REQUIRE(test::readFile(victim) == "content");
}

TEST_CASE("another attempt starts anew") {
  LogWorld world;
  LogWriter log(world.file, kLogHead + 3);
  world.append(log, "first");
  REQUIRE(log.dropped() == 2);
  log.restart();
  REQUIRE(log.size() == 0);
  REQUIRE(log.dropped() == 0);
  REQUIRE(access(world.file.c_str(), F_OK) != 0);
  world.append(log, "2nd");
  REQUIRE(log.small() == frame("2nd"));
  REQUIRE(world.content() == frame("2nd"));
}

TEST_CASE("nothing of an earlier writer's log stays") {
  LogWorld world;
  world.folder.write("log", frame("of a daemon that died"), 0644);
  LogWriter log(world.file, kNoCap);
  log.restart();
  REQUIRE(access(world.file.c_str(), F_OK) != 0);
  world.folder.write("log", frame("of a daemon that died"));
  LogWriter other(world.file, kNoCap);
  world.append(other, "x");
  REQUIRE(world.content() == frame("x"));
}

TEST_CASE("a log whose file is removed under it goes on, and is whole in memory") {
  LogWorld world;
  LogWriter log(world.file, kNoCap);
  world.append(log, "a");
  unlink(world.file.c_str());
  world.append(log, "b");
  REQUIRE(log.small() == frame("a") + frame("b"));
  REQUIRE(log.dropped() == 0);
  log.restart();
  world.append(log, "c");
  REQUIRE(world.content() == frame("c"));
}

TEST_CASE("a log file is read from anywhere, to its end") {
  LogWorld world;
  world.folder.write("log", "0123456789");
  REQUIRE(readLogFile(world.file, 0, 100) == "0123456789");
  REQUIRE(readLogFile(world.file, 3, 4) == "3456");
  REQUIRE(readLogFile(world.file, 0, 0) == "");
  for (uint64_t beyond :
       {uint64_t{10}, uint64_t{11}, uint64_t{INT64_MAX} - 1, uint64_t{INT64_MAX}, uint64_t{UINT64_MAX}}) {
    CAPTURE(beyond);
    REQUIRE(readLogFile(world.file, beyond, 5) == "");
  }
  REQUIRE(readLogFile(world.folder.path("none"), 0, 5) == "");
  auto refused = readLogFile(world.folder.path(), 0, 5);
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().reason == Reason::LOCAL_IO);
}

}  // namespace
}  // namespace cbs::queue
