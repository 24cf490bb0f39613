#include "cli/exec/terminal_modes.h"

#include <catch2/catch_test_macros.hpp>
#include <map>

namespace cbs::cli {
namespace {

std::map<int, uint32_t> decoded(const std::string& modes) {
  std::map<int, uint32_t> values;
  size_t i = 0;
  for (; modes.at(i) != 0; i += 5) {
    uint32_t value = 0;
    for (size_t j = 1; j <= 4; ++j) value = value << 8 | static_cast<unsigned char>(modes.at(i + j));
    values[static_cast<unsigned char>(modes[i])] = value;
  }
  CHECK(i == modes.size() - 1);
  return values;
}

TEST_CASE("terminal settings are encoded by the opcodes of RFC 4254") {
  termios settings{};
  settings.c_iflag = ICRNL | IUTF8;
  settings.c_lflag = ISIG | ICANON | ECHO;
  settings.c_oflag = OPOST;
  settings.c_cflag = CS8;
  settings.c_cc[VINTR] = 3;
  settings.c_cc[VEOF] = 4;
  cfsetospeed(&settings, B115200);
  cfsetispeed(&settings, B115200);
  auto modes = encodeTerminalModes(settings);
  CHECK(modes.size() <= 256 - 40);  // libssh2 takes 256 bytes for type and modes
  auto values = decoded(modes);
  CHECK(values[1] == 3);
  CHECK(values[5] == 4);
  CHECK(values[2] == 255);  // VQUIT is disabled
  CHECK(values[36] == 1);
  CHECK(values[42] == 1);
  CHECK(values[38] == 0);
  CHECK(values[50] == 1);
  CHECK(values[51] == 1);
  CHECK(values[53] == 1);
  CHECK(values[70] == 1);
  CHECK(values[91] == 1);
  CHECK(values[128] == 115200);
  CHECK(values[129] == 115200);
}

}  // namespace
}  // namespace cbs::cli
