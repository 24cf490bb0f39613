#include "cli/watch/screen.h"

#include "cli/watch/paint.h"

#include <poll.h>
#include <unistd.h>

#include <string_view>

namespace cbs::cli {
namespace {

constexpr int kStuckMs = 500;
constexpr const char* kCancelSequence = "\x18";  // CAN: half an escape sequence may be there

kj::ArrayPtr<const kj::byte> bytesOfPicture(const std::string& picture) {
  return {reinterpret_cast<const kj::byte*>(picture.data()), picture.size()};
}

// A few bytes, to a terminal that may never take them.
void writeSoon(std::string_view text) {
  pollfd ready{STDOUT_FILENO, POLLOUT, 0};
  while (!text.empty() && poll(&ready, 1, kStuckMs) > 0) {
    ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

Screen::Screen(kj::UnixEventPort& port) : out_(port, STDOUT_FILENO, StandardStream::Direction::out) {
  auto pair = kj::newPromiseAndFulfiller<void>();
  tellGone_ = kj::mv(pair.fulfiller);
  gone_ = pair.promise.fork();
  enter();
}

Screen::~Screen() { leave(); }

void Screen::enter() {
  if (!entered_ && tcgetattr(STDIN_FILENO, &before_) == 0) changed_ = true;
  if (changed_) {
    termios keys = before_;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
  }
  entered_ = true;
  shown_.clear();
  waiting_.clear();
  writeSoon(kEnterScreen);
}

void Screen::leave() {
  if (!entered_) return;
  entered_ = false;
  writer_ = nullptr;
  writeSoon(std::string(writing_ ? kCancelSequence : "") + kLeaveScreen);
  writing_ = false;
  if (changed_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  changed_ = false;
}

void Screen::show(std::string picture) {
  if (!entered_) return;
  if (picture == (waiting_.empty() ? shown_ : waiting_)) return;
  waiting_ = std::move(picture);
  if (writing_) return;
  writing_ = true;
  writer_ = write().promise().eagerlyEvaluate(nullptr);
}

Task<void> Screen::write() {
  while (!waiting_.empty()) {
    shown_ = std::move(waiting_);
    waiting_.clear();
    auto written = co_await out_.write(bytesOfPicture(shown_));
    if (!written) {
      tellGone_->fulfill();
      break;
    }
  }
  writing_ = false;
}

}  // namespace cbs::cli
