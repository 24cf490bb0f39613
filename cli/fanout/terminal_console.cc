#include "cli/fanout/terminal_console.h"

#include "cli/bytes.h"
#include "cli/exec/terminal.h"
#include "cli/output/print.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace cbs::cli {
namespace {

using schema::OutputStream;

constexpr size_t kGathered = size_t{64} << 10;

bool isDumb() {
  const char* type = getenv("TERM");
  return type == nullptr || std::string_view(type) == "dumb" || *type == '\0';
}

// https://no-color.org: whatever it is set to, but for nothing.
bool wantsNoColour() {
  const char* wish = getenv("NO_COLOR");
  return wish != nullptr && *wish != '\0';
}

// At most so many characters of it; those beyond ASCII are of one column.
std::string firstColumns(const std::string& line, size_t columns) {
  size_t end = 0;
  for (size_t seen = 0; end < line.size(); ++end) {
    bool begins = (line[end] & 0xc0) != 0x80;
    if (begins && seen++ == columns) break;
  }
  return line.substr(0, end);
}

}  // namespace

TerminalConsole::TerminalConsole(kj::UnixEventPort& port)
    : live_(port), terminal_{isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1}, dumb_(isDumb()) {
  colours_ = !dumb_ && !wantsNoColour();
}

Task<Expected<void>> TerminalConsole::write(OutputStream stream, std::string text) {
  if (stream != stream_) {
    if (auto flushed = co_await flush(); !flushed) co_return flushed;
    stream_ = stream;
  }
  if (pending_.empty()) {
    pending_ = kj::mv(text);
  } else {
    pending_ += text;
  }
  if (pending_.size() >= kGathered) co_return co_await flush();
  co_return Expected<void>();
}

Task<Expected<void>> TerminalConsole::flush() {
  if (pending_.empty()) co_return Expected<void>();
  auto text = std::exchange(pending_, {});
  erase();
  flushing_ = true;
  if (isTerminal(stream_)) midLine_ = text.back() != '\n';
  auto written = co_await live_.write(stream_, bytesOf(text));
  flushing_ = false;
  co_return written;
}

bool TerminalConsole::draws() const { return isTerminal(OutputStream::STDERR) && !dumb_; }

void TerminalConsole::draw(const std::string& line) {
  if (!draws() || paused_ || flushing_ || midLine_) return;
  auto shown = firstColumns(line, terminalSize().columns - 1);
  if (shown != drawn_) printError("\r" + shown + "\x1b[K");
  drawn_ = shown;
}

void TerminalConsole::erase() {
  if (!drawn_.empty()) printError("\r\x1b[K");
  drawn_.clear();
}

void TerminalConsole::pause() {
  erase();
  paused_ = true;
}

}  // namespace cbs::cli
