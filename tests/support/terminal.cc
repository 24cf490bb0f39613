#include "tests/support/terminal.h"

#include "tests/support/failure.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

namespace cbs::test {

Terminal::Terminal(unsigned short columns, unsigned short rows) {
  int master = -1;
  int slave = -1;
  winsize size{rows, columns, 0, 0};
  if (openpty(&master, &slave, nullptr, nullptr, &size) != 0) failErrno("openpty");
  fcntl(master, F_SETFD, FD_CLOEXEC);
  fcntl(slave, F_SETFD, FD_CLOEXEC);
  slave_ = UniqueFd(slave);
  screen_ = OutputReader(UniqueFd(master));
}

void Terminal::type(std::string_view keys) const {
  if (write(screen_.fd(), keys.data(), keys.size()) < 0) failErrno("write to the terminal");
}

void Terminal::resize(unsigned short columns, unsigned short rows) const {
  winsize size{rows, columns, 0, 0};
  if (ioctl(screen_.fd(), TIOCSWINSZ, &size) != 0) failErrno("TIOCSWINSZ");
}

bool Terminal::echoes() const {
  termios modes;
  if (tcgetattr(screen_.fd(), &modes) != 0) failErrno("tcgetattr");
  return (modes.c_lflag & ECHO) != 0;
}

}  // namespace cbs::test
