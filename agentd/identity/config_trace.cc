#include "agentd/identity/config_trace.h"

#include <charconv>
#include <optional>

namespace cbs::identity {
namespace {

using Kind = ConfigStep::Kind;

bool isOctal(std::string_view digits) {
  return digits.size() == 3 && digits.find_first_not_of("01234567") == std::string_view::npos;
}

// ssh writes bytes that are no ASCII as \ooo, and a backslash twice (vis(3)).
std::string unescaped(std::string_view line) {
  std::string text;
  while (!line.empty()) {
    size_t taken = 1;
    char c = line[0];
    if (c == '\\' && isOctal(line.substr(1, 3))) {
      c = static_cast<char>((line[1] - '0') * 64 + (line[2] - '0') * 8 + (line[3] - '0'));
      taken = 4;
    } else if (line.starts_with("\\\\")) {
      taken = 2;
    }
    text += c;
    line.remove_prefix(taken);
  }
  return text;
}

// What follows "debugN: ", or "" if the line is none of ssh's own.
std::string_view messageOf(std::string_view line) {
  if (!line.starts_with("debug")) return {};
  auto colon = line.find(": ");
  return colon == std::string_view::npos ? std::string_view() : line.substr(colon + 2);
}

// Reads "FILE line N" before `words`.
std::optional<ConfigStep> placed(Kind kind, std::string_view message, std::string_view words) {
  auto end = message.find(words);
  auto number = message.substr(0, end).rfind(" line ");
  if (end == std::string_view::npos || number == std::string_view::npos) return std::nullopt;
  ConfigStep step{.kind = kind, .file = std::string(message.substr(0, number))};
  number += std::string_view(" line ").size();
  auto [rest, failure] = std::from_chars(message.data() + number, message.data() + end, step.line);
  if (failure != std::errc() || rest != message.data() + end) return std::nullopt;
  return step;
}

std::optional<ConfigStep> stepIn(std::string_view message) {
  constexpr std::string_view kReading = "Reading configuration data ";
  if (message.starts_with(kReading)) {
    return ConfigStep{.kind = Kind::READ, .file = std::string(message.substr(kReading.size()))};
  }
  if (message == "match found") return ConfigStep{.kind = Kind::MATCH};
  if (message == "match not found") return ConfigStep{.kind = Kind::MATCH, .applies = false};
  if (message == "re-parsing configuration") return ConfigStep{.kind = Kind::AGAIN};
  if (auto host = placed(Kind::HOST, message, ": Applying options for ")) return host;
  auto include = placed(Kind::INCLUDE, message, ": Including file ");
  if (include) include->applies = !message.ends_with(" (parse only)");
  return include;
}

}  // namespace

std::vector<ConfigStep> parseConfigTrace(std::string_view text) {
  std::vector<ConfigStep> steps;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (auto step = stepIn(unescaped(messageOf(line)))) steps.push_back(std::move(*step));
  }
  return steps;
}

}  // namespace cbs::identity
