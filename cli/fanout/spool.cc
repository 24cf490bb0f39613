#include "cli/fanout/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <tuple>

namespace cbs::cli {
namespace {

constexpr size_t kComparedAtOnce = 64 << 10;

// Gives the number of bytes that were written, which is less only if an error (errno) has ended it.
size_t writeAllAt(int file, std::string_view bytes, uint64_t offset) {
  size_t done = 0;
  while (done < bytes.size()) {
    ssize_t length = pwrite(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) break;
    done += static_cast<size_t>(length);
  }
  return done;
}

}  // namespace

Expected<void> Spool::append(Text& text, kj::ArrayPtr<const kj::byte> bytes) {
  text.rest_.append(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
  text.size_ += bytes.size();
  inMemory_ += bytes.size();
  return inMemory_ > maxMemory_ ? write(text) : Expected<void>();
}

// What could not be written stays in memory.
Expected<void> Spool::write(Text& text) {
  if (file_ == nullptr) file_ = openUnnamedFile(folder_);
  if (file_ == nullptr) return fail(failure(errno));
  size_t length = text.rest_.size();
  if (writeAllAt(file_, text.rest_, end_) < length) return fail(failure(errno));
  bool adjacent = !text.written_.empty() && text.written_.back().offset + text.written_.back().length == end_;
  if (adjacent) {
    text.written_.back().length += length;
  } else {
    text.written_.push_back({text.size_ - length, end_, length});
  }
  end_ += length;
  inFile_ += length;
  inMemory_ -= length;
  text.rest_ = {};
  return {};
}

Expected<std::string> Spool::read(const Text& text, uint64_t offset, size_t length) const {
  uint64_t inFile = text.size_ - text.rest_.size();
  if (offset >= inFile) return text.rest_.substr(std::min<uint64_t>(offset - inFile, text.rest_.size()), length);
  auto behind = std::upper_bound(text.written_.begin(), text.written_.end(), offset,
                                 [](uint64_t place, const Text::Extent& extent) { return place < extent.start; });
  const Text::Extent& extent = *(behind - 1);
  uint64_t within = offset - extent.start;
  std::string bytes(std::min<uint64_t>(length, extent.length - within), '\0');
  ssize_t got = 0;
  do {
    got = pread(file_, bytes.data(), bytes.size(), static_cast<off_t>(extent.offset + within));
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return fail(failure(got < 0 ? errno : EIO));
  bytes.resize(static_cast<size_t>(got));
  return bytes;
}

Expected<bool> Spool::equal(const Text& one, const Text& other) const {
  if (one.size() != other.size()) return false;
  for (uint64_t offset = 0; offset < one.size();) {
    auto left = read(one, offset, kComparedAtOnce);
    if (!left) return fail(left.error());
    auto right = read(other, offset, left->size());
    if (!right) return fail(right.error());
    if (left->compare(0, right->size(), *right) != 0) return false;
    offset += right->size();
  }
  return true;
}

// The file shrinks when nothing is in it any more; until then its blocks are given back where the file system can.
void Spool::drop(Text& text) {
  for (const auto& extent : text.written_) {
    inFile_ -= extent.length;
    auto offset = static_cast<off_t>(extent.offset), length = static_cast<off_t>(extent.length);
    std::ignore = fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
  }
  inMemory_ -= text.rest_.size();
  text = {};
  if (inFile_ > 0 || end_ == 0) return;
  end_ = 0;
  std::ignore = ftruncate(file_, 0);
}

Error Spool::failure(int error) const { return unnamedFileError("keeping what the hosts print", folder_, error); }

}  // namespace cbs::cli
