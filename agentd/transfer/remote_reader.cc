#include "agentd/transfer/remote_reader.h"

#include "agentd/transfer/remote_digest.h"
#include "agentd/transfer/remote_entry.h"
#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/side_by_side.h"

#include <algorithm>
#include <cstring>

namespace cbs::transfer {
namespace {

// One half of what is read counts as under way: a request is on its way without its bytes. Near by, 2 MiB on the way
// back are a third faster than 1 MiB.
constexpr size_t kCounted = 2;

}  // namespace

RemoteReader::~RemoteReader() noexcept(false) {
  for (auto& [stream, handle] : handles_) {
    if (handle.file) closing_.close(handle.sftp, kj::mv(*handle.file));
  }
}

Task<Expected<void>> RemoteReader::open() {
  auto place = co_await streams_.place(0);
  if (!place) co_return fail(kj::mv(place.error()));
  auto file = co_await handleOn(place->sftp(), place->index());
  if (!file) co_return fail(kj::mv(file.error()));
  co_return {};
}

// Whoever needs the file first on a stream opens it, the others wait for that.
Task<Expected<ssh::Sftp::File>> RemoteReader::handleOn(ssh::Sftp& sftp, size_t stream) {
  auto [known, isNew] = handles_.try_emplace(stream, Handle{sftp});
  Handle& handle = known->second;
  if (isNew) handle.opening = openOn(handle).promise().fork();
  auto opened = co_await handle.opening.addBranch();
  if (!opened) co_return fail(kj::mv(opened.error()));
  co_return *handle.file;
}

// Streams open the file one after the other: another file may have taken its place in between.
Task<Expected<void>> RemoteReader::openOn(Handle& handle) {
  auto file = co_await handle.sftp.open(path_, ssh::SFTP_READ);
  if (!file) co_return fail(kj::mv(file.error()));
  handle.file = kj::mv(*file);
  co_return co_await compare(handle);
}

Task<Expected<Bytes>> RemoteReader::read(uint64_t offset, size_t length) {
  for (unsigned tries = 1;; ++tries) {
    auto place = co_await streams_.place(length / kCounted);
    if (!place) co_return fail(kj::mv(place.error()));
    auto bytes = co_await readOver(place->sftp(), place->index(), offset, length);
    if (bytes) place->done(bytes->size());
    // What a stream that broke did not bring, another one may.
    if (bytes || !place->sftp().broken() || tries > Streams::kMost) co_return bytes;
  }
}

Task<Expected<Bytes>> RemoteReader::readOver(ssh::Sftp& sftp, size_t stream, uint64_t offset, size_t length) {
  auto file = co_await handleOn(sftp, stream);
  if (!file) co_return fail(kj::mv(file.error()));
  auto first = co_await sftp.read(*file, offset, std::min(length, sftp.maxRead()));
  if (!first || first->size() == length || first->size() == 0) co_return first;
  auto bytes = kj::heapArray<kj::byte>(length);
  size_t filled = 0;
  for (auto part = kj::mv(*first);;) {
    std::memcpy(bytes.begin() + filled, part.begin(), part.size());
    filled += part.size();
    if (filled == length) co_return bytes;
    auto more = co_await sftp.read(*file, offset + filled, std::min(length - filled, sftp.maxRead()));
    if (!more) co_return fail(kj::mv(more.error()));
    if (more->size() == 0) co_return kj::heapArray<kj::byte>(bytes.slice(0, filled));
    part = kj::mv(*more);
  }
}

Task<Expected<std::vector<std::string>>> RemoteReader::digests(std::vector<Range> ranges) {
  return remoteDigests(streams_, digestHost_, path_, kj::mv(ranges));
}

Task<Expected<void>> RemoteReader::checkUnchanged() {
  std::vector<Handle*> handles;
  for (auto& [stream, handle] : handles_) {
    if (handle.file && !handle.sftp.broken()) handles.push_back(&handle);
  }
  auto checks = co_await sideBySide<Expected<void>>(handles.size(), handles.size(),
                                                    [&](size_t i) { return compare(*handles[i]); });
  bool checked = false;
  for (size_t i = 0; i < checks.size(); ++i) {
    if (!checks[i] && !handles[i]->sftp.broken()) co_return checks[i];
    checked = checked || checks[i];
  }
  if (checked) co_return {};
  // All the streams that it was read over have broken.
  for (unsigned tries = 1;; ++tries) {
    auto opened = co_await open();
    if (opened || streams_.first().broken() || tries > Streams::kMost) co_return opened;
  }
}

Task<Expected<void>> RemoteReader::compare(Handle& handle) {
  auto attributes = co_await handle.sftp.stat(*handle.file);
  if (!attributes) co_return fail(kj::mv(attributes.error()));
  Entry now = remoteEntry("", *attributes);
  // A server need not tell of an open file what it tells of a path.
  bool sized = !attributes->size || now.size == file_.size;
  bool timed = !attributes->mtime || now.mtimeS == file_.mtimeS;
  if (now.kind == Kind::FILE && sized && timed) co_return {};
  co_return fail(remoteError(Reason::REMOTE_IO, path_, "changed while it was read"));
}

}  // namespace cbs::transfer
