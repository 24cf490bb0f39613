#include "agentd/transfer/local_file.h"

#include "agentd/transfer/sha256.h"
#include "common/offload.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace cbs::transfer {
namespace {

constexpr size_t kHashedAtOnce = 256 * 1024;

// A thread hashes so much at most, some 100 ms: then it is others' turn.
constexpr uint64_t kHashedInTurn = uint64_t{64} * 1024 * 1024;

Error localError(int errorNumber) {
  bool full = errorNumber == ENOSPC || errorNumber == EDQUOT;
  std::string detail = (full ? "on this machine: " : "") + systemMessage(errorNumber);
  return {ErrorKind::TRANSFER_FAILED, full ? Reason::NO_SPACE : Reason::LOCAL_IO, std::move(detail)};
}

// Calls `step(at)`, which moves bytes from the position `at` on, until all `length` are moved or it moves none. Gives
// how many were, or -errno if none.
template <typename Step>
ssize_t moveAll(size_t length, Step step) {
  size_t done = 0;
  while (done < length) {
    ssize_t n = step(done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && done == 0) return -errno;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  return static_cast<ssize_t>(done);
}

ssize_t readInto(int file, uint64_t offset, kj::ArrayPtr<kj::byte> into, int flags) {
  return moveAll(into.size(), [&](size_t at) {
    iovec piece{into.begin() + at, into.size() - at};
    return preadv2(file, &piece, 1, static_cast<off_t>(offset + at), flags);
  });
}

// Gives 0 or the errno.
int writeFrom(int file, uint64_t offset, kj::ArrayPtr<const kj::byte> bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    ssize_t n = pwrite(file, bytes.begin() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    done += static_cast<size_t>(n);
  }
  return 0;
}

// Gives how many bytes it has added. Ends early once nobody wants the result.
Expected<uint64_t> hashInto(Sha256& hash, int file, uint64_t offset, uint64_t length, const std::atomic<bool>& wanted) {
  const uint64_t start = offset;
  auto block = kj::heapArray<kj::byte>(kHashedAtOnce);
  while (length > 0 && wanted) {
    size_t most = static_cast<size_t>(std::min<uint64_t>(length, block.size()));
    ssize_t count = readInto(file, offset, block.slice(0, most), 0);
    if (count < 0) return fail(localError(static_cast<int>(-count)));
    if (count == 0) break;
    hash.add(block.slice(0, static_cast<size_t>(count)));
    offset += static_cast<uint64_t>(count);
    length -= static_cast<uint64_t>(count);
  }
  return offset - start;
}

Expected<void> writeResult(int errorNumber) {
  if (errorNumber != 0) return fail(localError(errorNumber));
  return {};
}

}  // namespace

Expected<LocalFile> LocalFile::adopt(Loop loop, Turnstile threads, int descriptor, Use use) {
  int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return fail(localError(errno));
  kj::AutoCloseFd file(copy);
  struct stat about;
  if (fstat(file, &about) != 0) return fail(localError(errno));
  if (!S_ISREG(about.st_mode)) return fail(ErrorKind::TRANSFER_FAILED, Reason::LOCAL_IO, "not a regular file");
  int access = fcntl(file, F_GETFL) & O_ACCMODE;
  if (access != O_RDWR && access != (use == Use::READ ? O_RDONLY : O_WRONLY)) return fail(localError(EBADF));
  if (use == Use::READ) posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
  return LocalFile(loop, std::move(threads), kj::mv(file));
}

template <typename T>
Task<T> LocalFile::onThread(std::function<T()> work) const {
  auto pass = co_await threads_.enter();
  co_return co_await offloadFor<T>(loop_, std::move(work));
}

Task<Expected<kj::Array<kj::byte>>> LocalFile::read(uint64_t offset, size_t length) const {
  auto bytes = kj::heapArray<kj::byte>(length);
  ssize_t count = readInto(*file_, offset, bytes, RWF_NOWAIT);
  if (count < 0 || static_cast<size_t>(count) < length) {
    // Not all is in memory, or the file system cannot tell, or this is the end.
    auto shared = std::make_shared<kj::Array<kj::byte>>(kj::mv(bytes));
    count =
        co_await onThread<ssize_t>([file = file_, shared, offset]() { return readInto(*file, offset, *shared, 0); });
    bytes = kj::mv(*shared);
  }
  if (count < 0) co_return fail(localError(static_cast<int>(-count)));
  if (static_cast<size_t>(count) == length) co_return kj::mv(bytes);
  co_return kj::heapArray<kj::byte>(bytes.slice(0, static_cast<size_t>(count)));
}

Task<Expected<void>> LocalFile::write(uint64_t offset, kj::Array<kj::byte> bytes) const {
  auto shared = std::make_shared<kj::Array<kj::byte>>(kj::mv(bytes));
  co_return writeResult(
      co_await onThread<int>([file = file_, shared, offset]() { return writeFrom(*file, offset, *shared); }));
}

Task<Expected<std::string>> LocalFile::digest(uint64_t offset, uint64_t length) const {
  auto wanted = std::make_shared<std::atomic<bool>>(true);
  KJ_DEFER(*wanted = false);
  auto hash = std::make_shared<Sha256>();
  for (;;) {
    const uint64_t now = std::min(length, kHashedInTurn);
    auto added = co_await onThread<Expected<uint64_t>>(
        [file = file_, hash, offset, now, wanted]() { return hashInto(*hash, *file, offset, now, *wanted); });
    if (!added) co_return fail(std::move(added.error()));
    offset += *added;
    length -= *added;
    if (*added < now || length == 0) co_return hash->digest();
  }
}

LocalFile::Stamp LocalFile::stamp() const {
  struct stat about = {};
  fstat(*file_, &about);
  return {static_cast<uint64_t>(about.st_size), about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec};
}

}  // namespace cbs::transfer
