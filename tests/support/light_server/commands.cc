#include "tests/support/light_server/commands.h"

#include <charconv>

namespace cbs::light {
namespace {

constexpr double kLongestSleep = 86400;  // seconds

// The number that `text` is as a whole, at most `most`.
template <typename Number>
bool parse(const std::string& text, Number most, Number& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0 && number <= most;
}

}  // namespace

Plan planFor(const std::string& command) {
  size_t space = command.find(' ');
  std::string name = command.substr(0, space);
  std::string argument = space == std::string::npos ? "" : command.substr(space + 1);
  double seconds = 0;
  uint64_t bytes = 0;
  if (name == "true") return {};
  if (name == "false") return {.status = 1};
  if (name == "echo") return {.output = argument + "\n"};
  if (name == "sleep" && parse(argument, kLongestSleep, seconds)) {
    return {.wait = std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000))};
  }
  if (name == "bytes" && parse(argument, UINT64_MAX, bytes)) return {.zeroBytes = bytes};
  return {.errorOutput = "light_server: " + command + ": not found\n", .status = 127};
}

}  // namespace cbs::light
