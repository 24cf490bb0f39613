#include "cli/exec/terminal_modes.h"

#include <unistd.h>

#include <cstdint>

namespace cbs::cli {
namespace {

constexpr uint8_t kEnd = 0;
constexpr uint8_t kInputSpeed = 128;
constexpr uint8_t kOutputSpeed = 129;
constexpr uint32_t kNoCharacter = 255;

struct Character {
  uint8_t opcode;
  int index;  // in c_cc
};
constexpr Character kCharacters[] = {
    {1, VINTR},  {2, VQUIT}, {3, VERASE}, {4, VKILL},     {5, VEOF},     {6, VEOL},    {7, VEOL2},
    {8, VSTART}, {9, VSTOP}, {10, VSUSP}, {12, VREPRINT}, {13, VWERASE}, {14, VLNEXT}, {18, VDISCARD},
};

// Flags of serial lines and of terminals without small letters are left out: an SSH library may take no more than 256
// bytes for the terminal's type and modes together (libssh2 does not).
struct Flag {
  uint8_t opcode;
  tcflag_t termios::*field;
  tcflag_t mask;
  tcflag_t value;
};
constexpr Flag bit(uint8_t opcode, tcflag_t termios::*field, tcflag_t mask) { return {opcode, field, mask, mask}; }
constexpr Flag kFlags[] = {
    bit(33, &termios::c_iflag, ISTRIP),  bit(34, &termios::c_iflag, INLCR),   bit(35, &termios::c_iflag, IGNCR),
    bit(36, &termios::c_iflag, ICRNL),   bit(38, &termios::c_iflag, IXON),    bit(39, &termios::c_iflag, IXANY),
    bit(40, &termios::c_iflag, IXOFF),   bit(41, &termios::c_iflag, IMAXBEL), bit(42, &termios::c_iflag, IUTF8),
    bit(50, &termios::c_lflag, ISIG),    bit(51, &termios::c_lflag, ICANON),  bit(53, &termios::c_lflag, ECHO),
    bit(54, &termios::c_lflag, ECHOE),   bit(55, &termios::c_lflag, ECHOK),   bit(56, &termios::c_lflag, ECHONL),
    bit(57, &termios::c_lflag, NOFLSH),  bit(58, &termios::c_lflag, TOSTOP),  bit(59, &termios::c_lflag, IEXTEN),
    bit(60, &termios::c_lflag, ECHOCTL), bit(61, &termios::c_lflag, ECHOKE),  bit(70, &termios::c_oflag, OPOST),
    bit(72, &termios::c_oflag, ONLCR),   bit(73, &termios::c_oflag, OCRNL),   bit(74, &termios::c_oflag, ONOCR),
    bit(75, &termios::c_oflag, ONLRET),  {91, &termios::c_cflag, CSIZE, CS8},
};

struct Speed {
  speed_t code;
  uint32_t baud;
};
constexpr Speed kSpeeds[] = {
    {B50, 50},       {B300, 300},     {B1200, 1200},   {B2400, 2400},     {B4800, 4800},     {B9600, 9600},
    {B19200, 19200}, {B38400, 38400}, {B57600, 57600}, {B115200, 115200}, {B230400, 230400},
};

uint32_t baudOf(speed_t code) {
  for (const Speed& speed : kSpeeds) {
    if (speed.code == code) return speed.baud;
  }
  return 38400;
}

void append(std::string& modes, uint8_t opcode, uint32_t value) {
  modes += static_cast<char>(opcode);
  for (int shift = 24; shift >= 0; shift -= 8) modes += static_cast<char>(value >> shift);
}

}  // namespace

std::string encodeTerminalModes(const termios& settings) {
  std::string modes;
  append(modes, kOutputSpeed, baudOf(cfgetospeed(&settings)));
  append(modes, kInputSpeed, baudOf(cfgetispeed(&settings)));
  for (const Character& character : kCharacters) {
    cc_t value = settings.c_cc[character.index];
    append(modes, character.opcode, value == _POSIX_VDISABLE ? kNoCharacter : value);
  }
  for (const Flag& flag : kFlags) append(modes, flag.opcode, (settings.*flag.field & flag.mask) == flag.value ? 1 : 0);
  modes += static_cast<char>(kEnd);
  return modes;
}

}  // namespace cbs::cli
