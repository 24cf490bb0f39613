#include "agentd/transfer/remote_whole.h"

#include "agentd/transfer/remote_errors.h"

#include <kj/vector.h>

#include <algorithm>
#include <vector>

namespace cbs::transfer {
namespace {

// What a file costs on the way beside its bytes.
constexpr size_t kAround = 256;

Error wrongSize(const std::string& path, uint64_t size) {
  return remoteError(Reason::REMOTE_IO, path, size > 0 ? "changed while it was read" : "is larger than it says");
}

// Adds what is in a file from where `bytes` ends on, until there are more than `most`.
Task<Expected<void>> readOn(ssh::Sftp& sftp, ssh::Sftp::File file, size_t most, kj::Vector<kj::byte>& bytes) {
  while (bytes.size() <= most) {
    auto piece = co_await sftp.read(file, bytes.size(), std::min<size_t>(sftp.maxRead(), kSmallFile));
    if (!piece) co_return fail(kj::mv(piece.error()));
    if (piece->size() == 0) break;
    bytes.addAll(*piece);
  }
  co_return {};
}

// All requests go out at once, the one for closing behind them: a file stays open no longer than needed.
Task<Expected<kj::Vector<kj::byte>>> readAtOnce(ssh::Sftp& sftp, Closing& closing, ssh::Sftp::File file, size_t most) {
  std::vector<Task<Expected<Bytes>>> reads;
  const size_t piece = sftp.maxRead();
  for (size_t offset = 0; offset < most; offset += piece)
    reads.push_back(sftp.read(file, offset, std::min(piece, most - offset)));
  closing.close(sftp, kj::mv(file));
  kj::Vector<kj::byte> bytes;
  for (size_t i = 0; i < reads.size(); ++i) {
    auto part = co_await reads[i];
    if (!part) co_return fail(kj::mv(part.error()));
    if (bytes.size() == i * piece) bytes.addAll(*part);
  }
  co_return kj::mv(bytes);
}

Task<Expected<Bytes>> readOver(ssh::Sftp& sftp, Closing& closing, std::string path, size_t size) {
  auto file = co_await sftp.open(path, ssh::SFTP_READ);
  if (!file) co_return fail(kj::mv(file.error()));
  kj::Vector<kj::byte> bytes;
  if (size > 0) {
    // The byte too many shows whether it has grown.
    auto read = co_await readAtOnce(sftp, closing, *file, size + 1);
    if (!read) co_return fail(kj::mv(read.error()));
    bytes = kj::mv(*read);
    if (bytes.size() == size) co_return bytes.releaseAsArray();
    if (bytes.size() > size) co_return fail(wrongSize(path, size));
    // It has shrunk, or the server gives less at once than it was asked for.
    file = co_await sftp.open(path, ssh::SFTP_READ);
    if (!file) co_return fail(kj::mv(file.error()));
  }
  auto rest = co_await readOn(sftp, *file, size > 0 ? size : kSmallFile, bytes);
  closing.close(sftp, kj::mv(*file));
  if (!rest) co_return fail(kj::mv(rest.error()));
  if (size > 0 ? bytes.size() != size : bytes.size() > kSmallFile) co_return fail(wrongSize(path, size));
  co_return bytes.releaseAsArray();
}

}  // namespace

Task<Expected<Bytes>> readWholeFile(Streams& streams, Closing& closing, std::string path, uint64_t size) {
  for (unsigned tries = 1;; ++tries) {
    auto place = co_await streams.place(static_cast<size_t>(size) + kAround);
    if (!place) co_return fail(kj::mv(place.error()));
    auto bytes = co_await readOver(place->sftp(), closing, path, static_cast<size_t>(size));
    if (bytes) place->done(bytes->size() + kAround);
    // What a stream that broke did not bring, another one may.
    if (bytes || !place->sftp().broken() || tries > Streams::kMost) co_return bytes;
  }
}

}  // namespace cbs::transfer
