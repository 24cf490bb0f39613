#include "cli/exec/standard_stream.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cbs::cli {
namespace {

using Observer = kj::UnixEventPort::FdObserver;

std::string nameOf(int fd) {
  return fd == STDIN_FILENO ? "standard input" : fd == STDOUT_FILENO ? "standard output" : "standard error";
}

}  // namespace

StandardStream::StandardStream(kj::UnixEventPort& port, int fd, Direction direction) : fd_(fd) {
  choose(direction);
  if (access_ == Access::plain) return;
  int descriptor = own_ == nullptr ? fd_ : own_.get();
  observer_.emplace(port, descriptor, direction == Direction::in ? Observer::OBSERVE_READ : Observer::OBSERVE_WRITE);
}

void StandardStream::choose(Direction direction) {
  struct stat info;
  if (fstat(fd_, &info) < 0) return;  // not open: the first use will tell
  if (S_ISSOCK(info.st_mode)) {
    access_ = Access::socket;
  } else if (S_ISFIFO(info.st_mode) || (S_ISCHR(info.st_mode) && isatty(fd_))) {
    access_ = reopen(direction) ? Access::ownDescription : Access::afterPoll;
  }
}

// Fails where /proc is not mounted, and for a pipe or terminal of another user's (su).
bool StandardStream::reopen(Direction direction) {
  std::string path = "/proc/self/fd/" + std::to_string(fd_);
  int mode = direction == Direction::in ? O_RDONLY : O_WRONLY;
  own_ = kj::AutoCloseFd(open(path.c_str(), mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  return own_ != nullptr;
}

bool StandardStream::isReady(short event) const {
  pollfd descriptor{fd_, event, 0};
  return poll(&descriptor, 1, 0) != 0;
}

ssize_t StandardStream::readNow(kj::ArrayPtr<kj::byte> buffer) {
  switch (access_) {
    case Access::socket:
      return recv(fd_, buffer.begin(), buffer.size(), MSG_DONTWAIT);
    case Access::ownDescription:
      return ::read(own_, buffer.begin(), buffer.size());
    case Access::afterPoll:
      if (!isReady(POLLIN)) return errno = EAGAIN, -1;
      break;
    case Access::plain:
      break;
  }
  return ::read(fd_, buffer.begin(), buffer.size());
}

ssize_t StandardStream::writeNow(kj::ArrayPtr<const kj::byte> bytes) {
  switch (access_) {
    case Access::socket:
      return send(fd_, bytes.begin(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    case Access::ownDescription:
      return ::write(own_, bytes.begin(), bytes.size());
    case Access::afterPoll:
      if (!isReady(POLLOUT)) return errno = EAGAIN, -1;
      return ::write(fd_, bytes.begin(), std::min<size_t>(bytes.size(), PIPE_BUF));  // for so much there is room
    case Access::plain:
      break;
  }
  return ::write(fd_, bytes.begin(), bytes.size());
}

Task<Expected<size_t>> StandardStream::read(kj::ArrayPtr<kj::byte> buffer) {
  for (;;) {
    KJ_IF_MAYBE (released, released_) co_await released->addBranch();
    ssize_t length = readNow(buffer);
    if (length >= 0) co_return static_cast<size_t>(length);
    if (errno == EIO) co_return size_t{0};  // a terminal that has been hung up
    if (errno == EINTR) continue;
    if (errno != EAGAIN || observer_ == nullptr) co_return fail(failure(errno));
    KJ_IF_MAYBE (observer, observer_) co_await observer->whenBecomesReadable();
  }
}

void StandardStream::hold() {
  auto pair = kj::newPromiseAndFulfiller<void>();
  release_ = kj::mv(pair.fulfiller);
  released_ = pair.promise.fork();
}

void StandardStream::release() {
  released_ = nullptr;
  if (release_.get() != nullptr) release_->fulfill();
}

Task<Expected<void>> StandardStream::write(kj::ArrayPtr<const kj::byte> bytes) {
  while (bytes.size() > 0) {
    ssize_t length = writeNow(bytes);
    if (length >= 0) {
      bytes = bytes.slice(static_cast<size_t>(length), bytes.size());
    } else if (errno == EAGAIN && observer_ != nullptr) {
      KJ_IF_MAYBE (observer, observer_) co_await observer->whenBecomesWritable();
    } else if (errno != EINTR) {
      co_return fail(failure(errno));
    }
  }
  co_return Expected<void>();
}

Error StandardStream::failure(int error) const {
  std::string detail = nameOf(fd_) + ": " + systemMessage(error);
  if (error == EPIPE) return {ErrorKind::CANCELLED, Reason::CALLER_GONE, detail};
  return {ErrorKind::TRANSFER_FAILED, Reason::LOCAL_IO, detail};
}

}  // namespace cbs::cli
