#include "common/read_file.h"

#include "common/descriptors.h"

#include <kj/io.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace cbs {
namespace {

constexpr size_t kPiece = size_t{64} * 1024;

tl::unexpected<Error> unreadable(const std::string& path, int errorNumber) {
  auto detail = "cannot read " + path + ": " + systemMessage(errorNumber);
  if (isShortage(errorNumber)) return fail(ErrorKind::OVERLOADED, Reason::DESCRIPTOR_LIMIT, detail);
  bool missing = errorNumber == ENOENT || errorNumber == ENOTDIR;
  return fail(ErrorKind::INTERNAL, missing ? Reason::NOT_FOUND : Reason::UNSPECIFIED, detail);
}

}  // namespace

Expected<std::string> readFile(const std::string& path, size_t maxBytes) {
  // NONBLOCK: opening a FIFO must not wait for its writer.
  int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return unreadable(path, errno);
  kj::AutoCloseFd file(descriptor);
  struct stat status;
  if (fstat(file, &status) != 0) return unreadable(path, errno);
  if (!S_ISREG(status.st_mode)) return unreadable(path, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
  if (static_cast<size_t>(status.st_size) > maxBytes) return unreadable(path, EFBIG);

  // To its end and not to its size, which is 0 for the files of /proc, and may change meanwhile.
  std::string bytes(static_cast<size_t>(status.st_size) + 1, '\0');
  for (size_t done = 0;;) {
    if (done > maxBytes) return unreadable(path, EFBIG);
    if (done == bytes.size()) bytes.resize(done + kPiece);
    ssize_t n = read(file, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno != EINTR) return unreadable(path, errno);
    if (n == 0) {
      bytes.resize(done);
      return bytes;
    }
    done += n < 0 ? 0 : static_cast<size_t>(n);
  }
}

}  // namespace cbs
