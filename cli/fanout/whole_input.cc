#include "cli/fanout/whole_input.h"

#include "common/duration.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace cbs::cli {
namespace {

constexpr size_t kPiece = size_t{64} << 10;

// -1: it failed. Waits where the descriptor is non-blocking by somebody else's doing.
ssize_t readSome(int fd, char* to, size_t length) {
  for (;;) {
    ssize_t got = read(fd, to, length);
    if (got >= 0 || (errno != EINTR && errno != EAGAIN)) return got;
    pollfd ready{fd, POLLIN, 0};
    if (errno == EAGAIN) poll(&ready, 1, -1);
  }
}

}  // namespace

Expected<std::string> readWholeInput(int fd, size_t most) {
  std::string input;
  for (;;) {
    size_t before = input.size();
    input.resize(before + kPiece);
    ssize_t got = readSome(fd, input.data() + before, kPiece);
    if (got < 0) {
      return fail(ErrorKind::TRANSFER_FAILED, Reason::LOCAL_IO, "standard input: " + systemMessage(errno));
    }
    input.resize(before + static_cast<size_t>(got));
    if (got == 0) return input;
    if (input.size() > most) {
      return fail(ErrorKind::USAGE, Reason::BAD_REQUEST,
                  "-i: many hosts get at most " + byteText(most) + " of standard input; upload a file instead");
    }
  }
}

}  // namespace cbs::cli
