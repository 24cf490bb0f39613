#include "agentd/transfer/read_back.h"

#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/sha256.h"

#include <algorithm>
#include <cstring>
#include <deque>

namespace cbs::transfer {
namespace {

struct Piece {
  size_t length;
  Task<Expected<Bytes>> bytes;
};

// Reads `length` bytes, fewer only at the file's end.
Task<Expected<Bytes>> readAll(ssh::Sftp& sftp, ssh::Sftp::File file, uint64_t offset, size_t length) {
  auto first = co_await sftp.read(file, offset, length);
  if (!first || first->size() == 0 || first->size() == length) co_return kj::mv(first);
  auto whole = kj::heapArray<kj::byte>(length);
  size_t filled = 0;
  for (Bytes part = kj::mv(*first); part.size() > 0;) {
    std::memcpy(whole.begin() + filled, part.begin(), part.size());
    filled += part.size();
    if (filled == length) co_return kj::mv(whole);
    auto more = co_await sftp.read(file, offset + filled, length - filled);
    if (!more) co_return fail(more.error());
    part = kj::mv(*more);
  }
  co_return kj::heapArray<kj::byte>(whole.slice(0, filled));
}

// `size`: what the file is known to have; beyond that one read at a time looks for its end.
Task<Expected<std::string>> digestOf(ssh::Sftp& sftp, ssh::Sftp::File file, Range range, uint64_t size) {
  Sha256 hash;
  std::deque<Piece> underWay;
  const uint64_t end = range.offset + std::min(range.length, UINT64_MAX - range.offset);
  const size_t most = std::min(sftp.maxRead(), kReadBackAtOnce);
  uint64_t next = range.offset;
  for (;;) {
    while (next < end && underWay.size() < kReadBackAtOnce / most && (next < size || underWay.empty())) {
      size_t length = static_cast<size_t>(std::min<uint64_t>(most, end - next));
      underWay.push_back({length, readAll(sftp, file, next, length)});
      next += length;
    }
    if (underWay.empty()) break;
    auto bytes = co_await underWay.front().bytes;
    if (!bytes) co_return fail(bytes.error());
    hash.add(*bytes);
    if (bytes->size() < underWay.front().length) break;
    underWay.pop_front();
  }
  co_return hash.digest();
}

}  // namespace

Task<Expected<std::vector<std::string>>> readBack(ssh::Sftp& sftp, std::string path, std::vector<Range> ranges) {
  auto attributes = co_await sftp.stat(path);  // as a server that opens a pipe may wait for ever
  if (!attributes) co_return fail(attributes.error());
  if (!attributes->isRegular()) co_return fail(remoteError(Reason::REMOTE_IO, path, "is not a regular file"));
  auto file = co_await sftp.open(path, ssh::SFTP_READ);
  if (!file) co_return fail(file.error());
  std::vector<std::string> digests;
  std::optional<Error> failure;
  for (const Range& range : ranges) {
    auto digest = co_await digestOf(sftp, *file, range, attributes->size.value_or(UINT64_MAX));
    if (!digest) {
      failure = digest.error();
      break;
    }
    digests.push_back(kj::mv(*digest));
  }
  co_await sftp.close(*file);
  if (failure) co_return fail(kj::mv(*failure));
  co_return digests;
}

}  // namespace cbs::transfer
