#include "cli/transfer/open_below.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace cbs::cli {
namespace {

constexpr int kFolder = O_PATH | O_DIRECTORY;

int openAt(int folder, const std::string& path, int flags) {
  return openat(folder, path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC);
}

// Whether openat2(2) itself is what failed: it is unknown or forbidden, gave up on a tree that changes, or the path is
// too long for one call.
bool unanswered(int error) { return error == ENOSYS || error == EPERM || error == EAGAIN || error == ENAMETOOLONG; }

}  // namespace

kj::AutoCloseFd openBelowByName(int folder, std::string_view path, int flags) {
  kj::AutoCloseFd current;
  for (;;) {
    size_t slash = path.find('/');
    bool last = slash == std::string_view::npos;
    std::string name(path.substr(0, slash));
    int fd = openAt(current == nullptr ? folder : current.get(), name, last ? flags : kFolder);
    if (fd < 0) return nullptr;
    current = kj::AutoCloseFd(fd);
    if (last) return current;
    path.remove_prefix(slash + 1);
  }
}

kj::AutoCloseFd openBelow(int folder, const std::string& path, int flags) {
  if (path.empty() || path.find('/') == std::string::npos) {
    int fd = openAt(folder, path.empty() ? "." : path, flags);
    if (fd < 0) return nullptr;
    return kj::AutoCloseFd(fd);
  }
  open_how how{};
  how.flags = static_cast<uint64_t>(flags | O_NOFOLLOW | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  long fd = syscall(SYS_openat2, folder, path.c_str(), &how, sizeof(how));
  if (fd >= 0) return kj::AutoCloseFd(static_cast<int>(fd));
  if (unanswered(errno)) return openBelowByName(folder, path, flags);
  return nullptr;
}

OpenFolder openFolderBelow(int folder, const std::string& path) {
  auto opened = openBelow(folder, path, O_RDONLY | O_DIRECTORY);
  if (opened == nullptr) return nullptr;
  OpenFolder stream(fdopendir(opened));
  if (stream != nullptr) std::move(opened).release();
  return stream;
}

int FolderFinder::at(const std::string& path) {
  if (path.empty()) return root_;
  if (known_ && path == path_) return folder_;
  folder_ = openBelow(root_, path, kFolder);
  known_ = folder_ != nullptr;
  path_ = path;
  return known_ ? folder_.get() : -1;
}

}  // namespace cbs::cli
