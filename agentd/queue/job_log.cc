#include "agentd/queue/job_log.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace cbs::queue {
namespace {

constexpr size_t kStreamAt = 4;
constexpr size_t kZerosAt = 5;
constexpr size_t kTimeAt = 8;

void put(std::string& bytes, size_t at, size_t width, uint64_t value) {
  for (size_t i = 0; i < width; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

uint64_t get(std::string_view bytes, size_t at, size_t width) {
  uint64_t value = 0;
  for (size_t i = width; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

bool isStream(uint64_t value) {
  return value == static_cast<uint64_t>(schema::OutputStream::STDOUT) ||
         value == static_cast<uint64_t>(schema::OutputStream::STDERR);
}

// The length of the frame at the beginning of `bytes`; 0 if it is not whole, or none.
size_t frameLength(std::string_view bytes) {
  if (bytes.size() < kLogHead) return 0;
  size_t length = get(bytes, 0, kStreamAt);
  bool isFrame = length <= kMostInFrame && isStream(get(bytes, kStreamAt, 1)) && get(bytes, kZerosAt, 3) == 0;
  return isFrame && length <= bytes.size() - kLogHead ? kLogHead + length : 0;
}

LogFrame frameIn(std::string_view bytes) {
  return {.stream = static_cast<schema::OutputStream>(get(bytes, kStreamAt, 1)),
          .timeMs = get(bytes, kTimeAt, 8),
          .bytes = bytes.substr(kLogHead)};
}

// Writes both parts one after the other at `offset`. Parts of them may be there after a failure.
bool writeAt(int fd, uint64_t offset, std::string_view head, kj::ArrayPtr<const kj::byte> bytes) {
  size_t total = head.size() + bytes.size();
  for (size_t done = 0; done < total;) {
    size_t ofHead = std::min(done, head.size());
    size_t ofBytes = done - ofHead;
    iovec parts[] = {{const_cast<char*>(head.data()) + ofHead, head.size() - ofHead},
                     {const_cast<kj::byte*>(bytes.begin()) + ofBytes, bytes.size() - ofBytes}};
    ssize_t n = pwritev(fd, parts, 2, static_cast<off_t>(offset + done));
    if (n == 0 || (n < 0 && errno != EINTR)) return false;
    done += n < 0 ? 0 : static_cast<size_t>(n);
  }
  return true;
}

tl::unexpected<Error> unreadable(const std::string& file, int errorNumber) {
  return fail(ErrorKind::INTERNAL, Reason::LOCAL_IO, "cannot read " + file + ": " + systemMessage(errorNumber));
}

}  // namespace

std::string logHead(schema::OutputStream stream, uint64_t timeMs, size_t length) {
  std::string head(kLogHead, '\0');
  put(head, 0, kStreamAt, length);
  put(head, kStreamAt, 1, static_cast<uint64_t>(stream));
  put(head, kTimeAt, 8, timeMs);
  return head;
}

std::vector<LogFrame> logFrames(std::string_view bytes, size_t most, size_t& used) {
  std::vector<LogFrame> frames;
  used = 0;
  while (frames.empty() || used < most) {
    size_t length = frameLength(bytes.substr(used));
    if (length == 0 || (!frames.empty() && length > most - used)) break;
    frames.push_back(frameIn(bytes.substr(used, length)));
    used += length;
  }
  return frames;
}

LogWriter::LogWriter(std::string file, uint64_t most) : file_(std::move(file)), most_(most) {}

void LogWriter::append(schema::OutputStream stream, uint64_t timeMs, kj::ArrayPtr<const kj::byte> bytes) {
  while (bytes.size() > 0) {
    auto piece = bytes.slice(0, std::min(bytes.size(), kMostInFrame));
    appendFrame(stream, timeMs, piece);
    bytes = bytes.slice(piece.size(), bytes.size());
  }
}

void LogWriter::appendFrame(schema::OutputStream stream, uint64_t timeMs, kj::ArrayPtr<const kj::byte> bytes) {
  auto kept = bytes.slice(0, dropped_ > 0 ? 0 : std::min(bytes.size(), room()));
  std::string head = logHead(stream, timeMs, kept.size());
  // A file that has missed a frame gets no more of them.
  fileless_ = fileless_ || (kept.size() > 0 && !write(head, kept));
  bool fits = kept.size() > 0 && (!fileless_ || size_ + head.size() + kept.size() <= kSmall);
  if (!fits) {
    dropped_ += bytes.size();
    return;
  }
  dropped_ += bytes.size() - kept.size();
  size_ += head.size() + kept.size();
  if (isSmall()) {
    small_.append(head).append(kept.asChars().begin(), kept.size());
  } else {
    small_ = {};
  }
}

// For the bytes of a frame.
size_t LogWriter::room() const {
  uint64_t left = most_ > size_ ? most_ - size_ : 0;
  return left > kLogHead ? left - kLogHead : 0;
}

bool LogWriter::write(std::string_view head, kj::ArrayPtr<const kj::byte> bytes) {
  if (fd_ == nullptr) {
    int anew = resumed_ ? 0 : O_TRUNC;
    fd_ = kj::AutoCloseFd(open(file_.c_str(), O_WRONLY | O_CREAT | anew | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd_ == nullptr) return false;
  }
  if (writeAt(fd_, size_, head, bytes)) return true;
  // A frame in part would do no harm to readers, but takes the last of the space.
  [[maybe_unused]] int ignored = ftruncate(fd_, static_cast<off_t>(size_));
  return false;
}

void LogWriter::restart() {
  fd_ = nullptr;
  unlink(file_.c_str());
  size_ = 0;
  dropped_ = 0;
  fileless_ = false;
  resumed_ = false;
  small_.clear();
}

void LogWriter::resume(const LogState& state) {
  fd_ = nullptr;
  size_ = state.size;
  dropped_ = state.droppedBytes;
  fileless_ = !state.inFile;
  resumed_ = true;
  small_ = state.small.value_or("");
}

LogState LogWriter::state() const {
  return {size_, dropped_, isSmall() ? std::optional(small_) : std::nullopt, !fileless_};
}

LogExtent extentOfLog(const std::string& file) {
  LogExtent extent;
  for (;;) {
    auto bytes = readLogFile(file, extent.size, 4 * (kLogHead + kMostInFrame));
    if (!bytes) return extent;
    size_t used = 0;
    for (const LogFrame& frame : logFrames(*bytes, bytes->size(), used)) {
      bool isError = frame.stream == schema::OutputStream::STDERR;
      (isError ? extent.stderrBytes : extent.stdoutBytes) += frame.bytes.size();
    }
    if (used == 0) return extent;
    extent.size += used;
  }
}

Expected<std::string> readLogFile(const std::string& file, uint64_t offset, size_t most) {
  constexpr uint64_t kLast = std::numeric_limits<off_t>::max();
  if (offset > kLast - std::min<uint64_t>(most, kLast)) return std::string();  // no file is so long
  int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (descriptor < 0 && errno == ENOENT) return std::string();
  if (descriptor < 0) return unreadable(file, errno);
  kj::AutoCloseFd fd(descriptor);
  std::string bytes(most, '\0');
  size_t done = 0;
  while (done < most) {
    ssize_t n = pread(fd, bytes.data() + done, most - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno != EINTR) return unreadable(file, errno);
    if (n == 0) break;
    done += n < 0 ? 0 : static_cast<size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace cbs::queue
