#include "agentd/transfer/upload.h"

#include "agentd/transfer/destination.h"
#include "agentd/transfer/side_by_side.h"

#include <algorithm>

namespace cbs::transfer {
namespace {

constexpr uint32_t kOwnerOnly = 0600;
constexpr uint32_t kPermissions = 07777;

Error changed() { return {ErrorKind::TRANSFER_FAILED, Reason::LOCAL_IO, "it changed while it was read"}; }

}  // namespace

Task<Expected<Moved>> Upload::run() {
  destination_ = plan_.path;
  progress_.total = plan_.size;
  const LocalFile::Stamp before = source_.stamp();
  if (before.size != plan_.size) co_return fail(changed());

  auto destination = co_await findDestination(sftp_, fromHome(plan_.path), plan_.intoDirectoryAs);
  if (!destination) co_return fail(destination.error());
  destination_ = *destination;

  auto made = co_await makeTemporary();
  if (!made) co_return fail(made.error());
  auto sent = co_await send();
  if (!sent) co_return fail(sent.error());
  auto checked = checkSource(before);
  if (!checked) co_return fail(checked.error());
  auto finished = co_await finish();
  if (!finished) co_return fail(finished.error());
  co_return Moved{plan_.mode & kPermissions, plan_.mtimeMs};
}

Task<Expected<void>> Upload::makeTemporary() {
  temporary_ = temporaryBeside(destination_);
  auto file = co_await sftp_.open(temporary_, ssh::SFTP_WRITE | ssh::SFTP_CREATE | ssh::SFTP_EXCLUSIVE, kOwnerOnly);
  if (file) {
    file_ = kj::mv(*file);
    co_return {};
  }
  if (sftp_.broken()) co_return fail(file.error());
  temporary_.clear();
  // What is wrong is the folder, not a name that the caller has never heard of.
  Error error = kj::mv(file.error());
  bool folder = error.reason == Reason::NOT_FOUND || error.reason == Reason::PERMISSION_DENIED;
  if (folder) error.detail = folderOf(destination_);
  error.facts = {{"remotePath", destination_}};
  co_return fail(co_await explain(kj::mv(error), 0));
}

Task<Expected<void>> Upload::send() {
  pieceSize_ = sftp_.maxWrite();
  if (plan_.size == 0) co_return {};
  co_return co_await sideBySide(piecesAtOnce(plan_.size - 1, pieceSize_), [this]() { return sendPiece(); });
}

Task<Expected<bool>> Upload::sendPiece() {
  const uint64_t offset = next_;
  const size_t length = static_cast<size_t>(std::min<uint64_t>(pieceSize_, plan_.size - offset));
  if (length == 0) co_return false;
  next_ += length;
  auto bytes = co_await source_.read(offset, length);
  if (!bytes) co_return fail(bytes.error());
  if (bytes->size() < length) co_return fail(changed());
  auto written = co_await sftp_.write(file_, offset, kj::mv(*bytes));
  if (!written) co_return fail(co_await explain(kj::mv(written.error()), length));
  progress_.add(length);
  co_return true;
}

// A server says no more than "Failure" when its disk is full: so it is asked how much it has free.
Task<Error> Upload::explain(Error error, size_t bytes) {
  error.facts = {{"remotePath", destination_}};
  if (error.reason != Reason::REMOTE_IO) co_return error;
  auto free = co_await sftp_.freeSpace(folderOf(destination_));
  bool full = free && *free <= bytes;
  if (full) error.reason = Reason::NO_SPACE;
  error.detail = full ? "on the host, in " + folderOf(destination_) : destination_ + ": the server could not write it";
  co_return error;
}

Task<Expected<void>> Upload::finish() {
  ssh::SftpAttributes attributes;
  attributes.mode = plan_.mode & kPermissions;
  if (plan_.mtimeMs != 0) attributes.mtime = static_cast<uint32_t>(plan_.mtimeMs / 1000);
  auto setting = sftp_.setAttributes(file_, attributes);
  auto closing = sftp_.close(file_);
  auto set = co_await setting;
  if (!set) co_return fail(set.error());
  auto closed = co_await closing;
  if (!closed) co_return fail(co_await explain(kj::mv(closed.error()), 0));
  auto renamed = co_await sftp_.rename(temporary_, destination_);
  if (!renamed) co_return fail(renamed.error());
  temporary_.clear();
  co_return {};
}

Expected<void> Upload::checkSource(const LocalFile::Stamp& before) const {
  if (source_.stamp() == before) return {};
  return fail(changed());
}

}  // namespace cbs::transfer
