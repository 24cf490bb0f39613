#include "cli/transfer/local_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace cbs::cli {
namespace {

Reason reasonOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Reason::NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
      return Reason::PERMISSION_DENIED;
    case ENOSPC:
    case EDQUOT:
      return Reason::NO_SPACE;
    case EISDIR:
      return Reason::IS_DIRECTORY;
    default:
      return Reason::LOCAL_IO;
  }
}

tl::unexpected<Error> failed(const std::string& path, int error) {
  return fail(ErrorKind::TRANSFER_FAILED, reasonOf(error), path + ": " + systemMessage(error));
}

tl::unexpected<Error> refused(const std::string& what) { return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, what); }

uint32_t currentUmask() {
  mode_t mask = umask(0);
  umask(mask);
  return mask;
}

std::string inFolder(const std::string& folder, const std::string& name) {
  return folder.back() == '/' ? folder + name : folder + "/" + name;
}

// `.name.cbs-XXXXXX` beside `path`, the name being cut where the whole would be longer than a name may be (255).
std::string temporaryPattern(const std::string& path) {
  size_t name = path.rfind('/') + 1;
  return path.substr(0, name) + "." + path.substr(name, 240) + ".cbs-XXXXXX";
}

}  // namespace

Expected<SourceFile> openSource(const std::string& path) {
  // Non-blocking, so that a FIFO does not wait for a writer; regular files do not care.
  kj::AutoCloseFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info;
  if (fd == nullptr || fstat(fd, &info) < 0) return failed(path, errno);
  if (S_ISDIR(info.st_mode)) return refused(path + " is a folder, and cbsession moves single files so far");
  if (!S_ISREG(info.st_mode)) return refused(path + " is no regular file");
  return SourceFile{kj::mv(fd), static_cast<uint64_t>(info.st_size), info.st_mode & 07777};
}

std::string fileNameOf(const std::string& path) {
  size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return "";
  size_t start = path.rfind('/', end) + 1;
  std::string name = path.substr(start, end - start + 1);
  return name == "." || name == ".." ? "" : name;
}

Expected<DestinationFile> DestinationFile::create(const std::string& path, const std::string& remoteName) {
  std::string final = path;
  struct stat info;
  if (stat(final.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) final = inFolder(final, remoteName);
  if (final.back() == '/') return failed(final, ENOENT);
  if (stat(final.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
    return refused(final + " exists and is no regular file");
  std::string temporary = temporaryPattern(final);
  kj::AutoCloseFd fd(mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
  if (fd == nullptr) return failed(final, errno);
  return DestinationFile(final, temporary, kj::mv(fd));
}

DestinationFile::DestinationFile(DestinationFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, "")), fd_(kj::mv(other.fd_)) {}

DestinationFile::~DestinationFile() noexcept(false) {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Expected<void> DestinationFile::keep(uint32_t mode) {
  if (fchmod(fd_, mode & 0777 & ~currentUmask()) < 0 || rename(temporary_.c_str(), path_.c_str()) < 0) {
    return failed(path_, errno);
  }
  temporary_.clear();
  return {};
}

}  // namespace cbs::cli
