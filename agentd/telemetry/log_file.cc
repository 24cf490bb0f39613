#include "agentd/telemetry/log_file.h"

#include "common/error.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace cbs::telemetry {
namespace {

// Writes as much as can be; one that cannot take more now is waited for. Gives how much, and sets errno if not all.
size_t writeAll(int fd, std::string_view bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    ssize_t count = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (count >= 0) {
      done += static_cast<size_t>(count);
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      break;
    }
  }
  return done;
}

// Not blocking: it may be a pipe that nobody reads. Gives why it cannot be opened, or "".
std::string openInto(kj::AutoCloseFd& fd, const std::string& path) {
  fd = kj::AutoCloseFd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, S_IRUSR | S_IWUSR));
  return fd == nullptr ? path + ": " + systemMessage(errno) : "";
}

}  // namespace

std::string whyNotOpened(const std::string& path) {
  kj::AutoCloseFd fd;
  struct stat status;
  bool isPipe = stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);  // its reader would see it end
  return path.empty() || isPipe ? "" : openInto(fd, path);
}

size_t LogFile::write(std::string_view lines, std::string& fault) {
  fault.clear();
  if (path_.empty()) return writeAll(STDERR_FILENO, lines);
  struct stat status;
  if (fd_ != nullptr && fstat(fd_, &status) == 0 && status.st_nlink == 0) fd_ = nullptr;  // somebody has removed it
  if (fd_ == nullptr && !open(fault)) return 0;
  if (maxBytes_ > 0 && size_ > 0 && size_ + lines.size() > setAsideAt_) setAside();
  if (fd_ == nullptr && !open(fault)) return 0;
  if (torn_) {
    if (writeAll(fd_, "\n") == 0) {
      fault = path_ + ": " + systemMessage(errno);
      return 0;
    }
    torn_ = false;
  }
  size_t done = writeAll(fd_, lines);
  if (done < lines.size()) {
    fault = path_ + ": " + systemMessage(errno);
    takeBack(lines.substr(0, done));
  }
  size_ += done;
  return done;
}

std::string LogFile::reopen() {
  std::string fault;
  if (!path_.empty()) open(fault);
  return fault;
}

bool LogFile::open(std::string& fault) {
  fault = openInto(fd_, path_);
  if (!fault.empty()) return false;
  struct stat status;
  size_ = fstat(fd_, &status) == 0 && S_ISREG(status.st_mode) ? static_cast<uint64_t>(status.st_size) : 0;
  setAsideAt_ = maxBytes_;
  return true;
}

// Another daemon may have set it aside, of which this one is the predecessor or the successor.
bool LogFile::isElsewhere() const {
  struct stat ours, named;
  if (fstat(fd_, &ours) != 0) return false;
  return stat(path_.c_str(), &named) != 0 || ours.st_ino != named.st_ino || ours.st_dev != named.st_dev;
}

// If the folder does not allow it, the file goes on to grow for as much again.
void LogFile::setAside() {
  if (isElsewhere()) {
    fd_ = nullptr;
    return;
  }
  auto name = [this](uint32_t number) { return path_ + "." + std::to_string(number); };
  for (uint32_t number = maxFiles_; number > 1; --number) rename(name(number - 1).c_str(), name(number).c_str());
  if (rename(path_.c_str(), name(1).c_str()) == 0) {
    fd_ = nullptr;
  } else {
    setAsideAt_ = size_ + maxBytes_;
  }
}

// So that no line is torn.
void LogFile::takeBack(std::string_view written) {
  size_t lineEnd = written.rfind('\n');
  size_t whole = lineEnd == written.npos ? 0 : lineEnd + 1;
  if (whole == written.size()) return;
  struct stat status;
  auto excess = static_cast<off_t>(written.size() - whole);
  bool isLast = fstat(fd_, &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= excess &&
                lseek(fd_, 0, SEEK_CUR) == status.st_size;  // another daemon may have written behind it
  torn_ = !isLast || ftruncate(fd_, status.st_size - excess) != 0;
}

}  // namespace cbs::telemetry
