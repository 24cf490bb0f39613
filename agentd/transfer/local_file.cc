#include "agentd/transfer/local_file.h"

#include "common/offload.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace cbs::transfer {
namespace {

// Copying so much into the page cache takes some 10 µs, and cannot fill it.
constexpr size_t kSmallWrite = 64 * 1024;

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

Expected<void> writeResult(int errorNumber) {
  if (errorNumber != 0) return fail(localError(errorNumber));
  return {};
}

}  // namespace

Expected<LocalFile> LocalFile::adopt(Loop loop, int descriptor, Use use) {
  int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return fail(localError(errno));
  kj::AutoCloseFd file(copy);
  struct stat about;
  if (fstat(file, &about) != 0) return fail(localError(errno));
  if (!S_ISREG(about.st_mode)) return fail(ErrorKind::TRANSFER_FAILED, Reason::LOCAL_IO, "not a regular file");
  int access = fcntl(file, F_GETFL) & O_ACCMODE;
  if (access != O_RDWR && access != (use == Use::READ ? O_RDONLY : O_WRONLY)) return fail(localError(EBADF));
  if (use == Use::READ) posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
  return LocalFile(loop, kj::mv(file));
}

Task<Expected<kj::Array<kj::byte>>> LocalFile::read(uint64_t offset, size_t length) const {
  auto bytes = kj::heapArray<kj::byte>(length);
  ssize_t count = readInto(*file_, offset, bytes, RWF_NOWAIT);
  if (count < 0 || static_cast<size_t>(count) < length) {
    // Not all is in memory, or the file system cannot tell, or this is the end.
    auto shared = std::make_shared<kj::Array<kj::byte>>(kj::mv(bytes));
    count = co_await offloadFor<ssize_t>(
        loop_, [file = file_, shared, offset]() { return readInto(*file, offset, *shared, 0); });
    bytes = kj::mv(*shared);
  }
  if (count < 0) co_return fail(localError(static_cast<int>(-count)));
  if (static_cast<size_t>(count) == length) co_return kj::mv(bytes);
  co_return kj::heapArray<kj::byte>(bytes.slice(0, static_cast<size_t>(count)));
}

Task<Expected<void>> LocalFile::write(uint64_t offset, kj::Array<kj::byte> bytes) const {
  if (bytes.size() <= kSmallWrite) co_return writeResult(writeFrom(*file_, offset, bytes));
  auto shared = std::make_shared<kj::Array<kj::byte>>(kj::mv(bytes));
  co_return writeResult(
      co_await offloadFor<int>(loop_, [file = file_, shared, offset]() { return writeFrom(*file, offset, *shared); }));
}

LocalFile::Stamp LocalFile::stamp() const {
  struct stat about = {};
  fstat(*file_, &about);
  return {static_cast<uint64_t>(about.st_size), about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec};
}

}  // namespace cbs::transfer
