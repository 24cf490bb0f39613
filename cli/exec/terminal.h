// The terminal that the CLI runs in.
#pragma once

#include "schema/types.capnp.h"

#include <termios.h>

namespace cbs::cli {

// A terminal's size and settings, for a pseudo-terminal like it on the host. Where standard input is no terminal, the
// size is 80x24 and the settings are the server's.
void describeTerminal(schema::CommandSpec::Terminal::Builder to);

struct TerminalSize {
  unsigned columns;
  unsigned rows;
};
TerminalSize terminalSize();

bool standardInputIsTerminal();

// Standard input's terminal in raw mode, until the object goes.
class RawTerminal {
 public:
  RawTerminal();
  RawTerminal(RawTerminal&&) = delete;
  ~RawTerminal();

  // Between these the terminal is as it was before, for a stop of the process (SIGTSTP).
  void suspend();
  void resume();

 private:
  termios before_{};
  bool changed_ = false;
};

}  // namespace cbs::cli
