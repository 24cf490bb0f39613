// What a job prints, as it is kept: frames of a stream, a time and bytes.
//
// A frame is 16 bytes of head, little-endian: length of the bytes (4, at most 64 KiB), stream (1), zeros (3), time of
// day in milliseconds (8); then the bytes. A log that was cut short by the end of its writer is whole up to its last
// whole frame.
#pragma once

#include "common/error.h"
#include "schema/types.capnp.h"

#include <kj/common.h>
#include <kj/io.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::queue {

struct LogFrame {
  schema::OutputStream stream = schema::OutputStream::STDOUT;
  uint64_t timeMs = 0;
  std::string_view bytes;  // refers to what was read
};

constexpr size_t kLogHead = 16;
constexpr size_t kMostInFrame = size_t{64} * 1024;

std::string logHead(schema::OutputStream stream, uint64_t timeMs, size_t length);

// The whole frames at the beginning of `bytes`, up to about `most` bytes of them but at least one. `used` gets their
// length. What is no frame ends the log.
std::vector<LogFrame> logFrames(std::string_view bytes, size_t most, size_t& used);

// How far a writer has come, for another one to go on from there.
struct LogState {
  uint64_t size = 0;
  uint64_t droppedBytes = 0;
  std::optional<std::string> small;  // the whole log, if it is small
  bool inFile = true;                // the file has all of it
};

// Writes a log, to a file as it comes, and keeps it in memory as long as it is small. Writes on the event loop's
// thread: they go to the page cache, a frame at a time.
class LogWriter {
 public:
  // What the journal takes itself: one write instead of a file and its fsync.
  static constexpr size_t kSmall = size_t{16} * 1024;

  // The file is made with the first frame, with mode 0600. At most `most` bytes are kept, heads included; the rest is
  // dropped and counted.
  LogWriter(std::string file, uint64_t most);
  KJ_DISALLOW_COPY(LogWriter);

  // A small log is kept even if there is no file to write to. What is longer than a frame becomes several. A file that
  // cannot be written (a full disk) drops what does not fit, never an earlier frame in part. After what was dropped
  // nothing is kept: a log has an end, but no holes.
  void append(schema::OutputStream stream, uint64_t timeMs, kj::ArrayPtr<const kj::byte> bytes);

  uint64_t size() const { return size_; }
  uint64_t dropped() const { return dropped_; }  // bytes of output
  bool isSmall() const { return size_ <= kSmall; }
  const std::string& small() const { return small_; }  // the whole log, if it is small
  const std::string& file() const { return file_; }
  // Another attempt: starts anew. Removes the file, an earlier writer's too.
  void restart();
  // Takes over from an earlier writer, which writes no more.
  void resume(const LogState& state);
  LogState state() const;

 private:
  void appendFrame(schema::OutputStream stream, uint64_t timeMs, kj::ArrayPtr<const kj::byte> bytes);
  size_t room() const;
  bool write(std::string_view head, kj::ArrayPtr<const kj::byte> bytes);

  const std::string file_;
  const uint64_t most_;
  kj::AutoCloseFd fd_;
  uint64_t size_ = 0;
  uint64_t dropped_ = 0;
  bool fileless_ = false;
  bool resumed_ = false;  // the file has a beginning
  std::string small_;
};

// The length of the whole frames in a log file, and how much is in it of each stream. 0 where there is none.
struct LogExtent {
  uint64_t size = 0;
  uint64_t stdoutBytes = 0;
  uint64_t stderrBytes = 0;
};
LogExtent extentOfLog(const std::string& file);

// Up to `most` bytes from `offset` on, "" at its end and if there is no file. Blocks.
Expected<std::string> readLogFile(const std::string& file, uint64_t offset, size_t most);

}  // namespace cbs::queue
