// Terminal settings in the form in which a pty-req carries them.
#pragma once

#include <termios.h>

#include <string>

namespace cbs::cli {

// The encoded terminal modes of RFC 4254 §8 (and IUTF8 of RFC 8160): an opcode and a 32-bit value each, then
// TTY_OP_END.
std::string encodeTerminalModes(const termios& settings);

}  // namespace cbs::cli
