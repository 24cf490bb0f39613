#include "cli/exec/terminal.h"

#include "cli/exec/terminal_modes.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace cbs::cli {
namespace {

constexpr size_t kMaxTypeBytes = 40;  // leaves room for the modes, see terminal_modes.cc

}  // namespace

bool standardInputIsTerminal() { return isatty(STDIN_FILENO); }

TerminalSize terminalSize() {
  winsize size{};
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) return {size.ws_col, size.ws_row};
  }
  return {80, 24};
}

void describeTerminal(schema::CommandSpec::Terminal::Builder to) {
  const char* type = getenv("TERM");
  bool usable = type != nullptr && *type != '\0' && strlen(type) <= kMaxTypeBytes;
  to.setType(usable ? type : "dumb");
  auto size = terminalSize();
  to.setColumns(size.columns);
  to.setRows(size.rows);
  termios settings{};
  if (tcgetattr(STDIN_FILENO, &settings) < 0) return;
  auto modes = encodeTerminalModes(settings);
  to.setModes(kj::arrayPtr(reinterpret_cast<const kj::byte*>(modes.data()), modes.size()));
}

RawTerminal::RawTerminal() { resume(); }

RawTerminal::~RawTerminal() { suspend(); }

void RawTerminal::suspend() {
  if (changed_) tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  changed_ = false;
}

void RawTerminal::resume() {
  if (tcgetattr(STDIN_FILENO, &before_) < 0) return;
  termios raw = before_;
  cfmakeraw(&raw);
  changed_ = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

}  // namespace cbs::cli
