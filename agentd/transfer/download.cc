#include "agentd/transfer/download.h"

#include "agentd/transfer/destination.h"
#include "agentd/transfer/side_by_side.h"

#include <algorithm>

namespace cbs::transfer {
namespace {

constexpr uint32_t kPermissions = 07777;

Error about(const std::string& path, Reason reason, std::string detail) {
  return Error{ErrorKind::TRANSFER_FAILED, reason, std::move(detail)}.with("remotePath", path);
}

}  // namespace

Download::Download(ssh::Sftp& sftp, std::string path, const LocalFile& destination, Progress& progress)
    : sftp_(sftp), path_(fromHome(path)), destination_(destination), progress_(progress) {}

Task<Expected<Moved>> Download::run() {
  auto attributes = co_await examine();
  if (!attributes) co_return fail(attributes.error());
  auto file = co_await sftp_.open(path_, ssh::SFTP_READ);
  if (!file) co_return fail(file.error());
  file_ = kj::mv(*file);

  size_ = attributes->size.value_or(0);
  progress_.total = size_;
  pieceSize_ = sftp_.maxRead();
  auto fetched = co_await sideBySide(piecesAtOnce(size_, pieceSize_), [this]() { return fetchPiece(); });
  if (!fetched) co_return fail(fetched.error());
  co_return Moved{attributes->mode.value_or(0) & kPermissions, attributes->mtime.value_or(0) * uint64_t(1000)};
}

// Looks before the file is opened: opening a named pipe would never end.
Task<Expected<ssh::SftpAttributes>> Download::examine() {
  auto attributes = co_await sftp_.stat(path_);
  if (!attributes) co_return attributes;
  if (attributes->isDirectory()) co_return fail(about(path_, Reason::IS_DIRECTORY, path_));
  if (!attributes->isRegular()) co_return fail(about(path_, Reason::REMOTE_IO, path_ + " is not a regular file"));
  co_return attributes;
}

Task<Expected<bool>> Download::fetchPiece() {
  const uint64_t offset = next_;
  if (offset >= size_) co_return co_await fetchBeyond();
  const size_t length = static_cast<size_t>(std::min<uint64_t>(pieceSize_, size_ - offset));
  next_ += length;
  auto fetched = co_await fetchKnown(offset, length);
  if (!fetched) co_return fail(fetched.error());
  co_return true;
}

// A server may give less than it was asked for.
Task<Expected<void>> Download::fetchKnown(uint64_t offset, size_t length) {
  while (length > 0) {
    auto count = co_await fetch(offset, length);
    if (!count) co_return fail(count.error());
    if (*count == 0) co_return fail(about(path_, Reason::REMOTE_IO, path_ + " shrank while it was read"));
    offset += *count;
    length -= *count;
  }
  co_return {};
}

Task<Expected<bool>> Download::fetchBeyond() {
  if (lookingBeyond_) co_return false;
  lookingBeyond_ = true;
  auto count = co_await fetch(next_, pieceSize_);
  if (!count) co_return fail(count.error());
  next_ += *count;
  lookingBeyond_ = *count == 0;  // once the end was seen nobody needs to look again
  co_return *count > 0;
}

// Moves what one answer brings; 0 at the file's end.
Task<Expected<size_t>> Download::fetch(uint64_t offset, size_t length) {
  auto bytes = co_await sftp_.read(file_, offset, length);
  if (!bytes) co_return fail(bytes.error());
  const size_t count = bytes->size();
  if (count == 0) co_return size_t(0);
  auto written = co_await destination_.write(offset, kj::mv(*bytes));
  if (!written) co_return fail(written.error());
  progress_.add(count);
  co_return count;
}

}  // namespace cbs::transfer
