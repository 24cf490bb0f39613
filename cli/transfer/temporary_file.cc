#include "cli/transfer/temporary_file.h"

#include "cli/transfer/folder_names.h"
#include "common/temporary_name.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cbs::cli {
namespace {

bool isOurs(const struct stat& info) { return S_ISREG(info.st_mode) && info.st_uid == geteuid() && info.st_nlink == 1; }

// The mode that the file gets. False: what is there cannot be replaced.
bool modeFor(int folder, const std::string& name, const LocalEntry& entry, const WriteRules& rules, mode_t& mode) {
  mode = rules.modeOf(entry);
  struct stat info;
  if (fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) return errno == ENOENT;
  if (S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    return false;
  }
  if (S_ISREG(info.st_mode) && !rules.preserve) mode = info.st_mode & 0777;
  return true;
}

}  // namespace

mode_t currentUmask() {
  mode_t mask = umask(0);
  umask(mask);
  return mask;
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : folder_(other.folder_), temporary_(std::exchange(other.temporary_, "")), file_(std::move(other.file_)) {}

std::optional<TemporaryFile> TemporaryFile::make(int folder, const std::string& name) {
  for (;;) {
    std::string temporary = temporaryName(name);
    int fd = openat(folder, temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST) return std::nullopt;
    if (fd < 0) continue;
    if (auto file = claimed(folder, temporary, fd)) return file;
  }
}

std::optional<TemporaryFile> TemporaryFile::find(int folder, const std::vector<std::string>& candidates,
                                                 const std::string& name) {
  std::vector<std::pair<off_t, std::string>> parts;
  struct stat info;
  for (const auto& part : candidates) {
    if (!isTemporaryOf(part, name)) continue;
    bool there = fstatat(folder, part.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && isOurs(info)) parts.emplace_back(info.st_size, part);
  }
  std::sort(parts.rbegin(), parts.rend());
  for (const auto& [size, part] : parts) {
    if (auto file = goOn(folder, part)) return file;
  }
  return std::nullopt;
}

// Somebody else may have finished or begun with it meanwhile.
std::optional<TemporaryFile> TemporaryFile::goOn(int folder, const std::string& temporary) {
  int fd = openat(folder, temporary.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  TemporaryFile file(folder, temporary, fd);
  struct stat opened, named;
  bool good = file.claim() && fstat(fd, &opened) == 0 && isOurs(opened) &&
              fstatat(folder, temporary.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_ino == opened.st_ino &&
              named.st_dev == opened.st_dev;
  if (good) return file;
  file.keep();
  return std::nullopt;
}

// None: somebody else has found it before it was marked, and goes on with it or has even given it its name.
std::optional<TemporaryFile> TemporaryFile::claimed(int folder, const std::string& temporary, int fd) {
  TemporaryFile file(folder, temporary, fd);
  struct stat named;
  if (file.claim() && fstatat(folder, temporary.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0) return file;
  file.keep();
  return std::nullopt;
}

uint64_t TemporaryFile::size() const {
  struct stat info;
  return fstat(fd(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

// Where there are no locks, none can be seen either.
bool TemporaryFile::claim() const { return flock(fd(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

bool TemporaryFile::write(capnp::Data::Reader bytes) const {
  while (bytes.size() > 0) {
    ssize_t written = ::write(fd(), bytes.begin(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.slice(static_cast<size_t>(written), bytes.size());
  }
  return true;
}

bool TemporaryFile::publish(const std::string& name, const LocalEntry& entry, const WriteRules& rules) {
  mode_t mode;
  if (!modeFor(folder_, name, entry, rules, mode) || fchmod(fd(), mode) < 0) return false;
  if (rules.keepsTimes && futimens(fd(), FileTimes(entry.mtimeS).values) < 0) return false;
  if (rules.fsync && fsync(fd()) < 0) return false;
  if (renameat(folder_, temporary_.c_str(), folder_, name.c_str()) < 0) return false;
  temporary_.clear();
  return true;
}

void TemporaryFile::remove() {
  if (temporary_.empty()) return;
  int error = errno;
  unlinkat(folder_, temporary_.c_str(), 0);
  temporary_.clear();
  errno = error;
}

const std::vector<std::string>& LeftParts::in(int folder, const std::string& path) {
  if (path != path_) {
    names_.clear();
    readNames(folder, isTemporary, names_);  // without those that cannot be read, all begins anew
    path_ = path;
  }
  return names_;
}

}  // namespace cbs::cli
