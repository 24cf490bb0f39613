#include "cli/watch/line.h"

#include "common/duration.h"

#include <algorithm>
#include <cstdio>

namespace cbs::cli {
namespace {

bool startsCharacter(char byte) { return (byte & 0xc0) != 0x80; }

// The first so many characters.
std::string_view firstOf(std::string_view text, size_t characters) {
  size_t end = 0;
  while (end < text.size() && (characters > 0 || !startsCharacter(text[end]))) {
    if (startsCharacter(text[end])) --characters;
    ++end;
  }
  return text.substr(0, end);
}

void dropTrailingSpaces(Line& line) {
  while (!line.empty()) {
    std::string& text = line.back().text;
    text.erase(text.find_last_not_of(' ') + 1);
    if (!text.empty()) return;
    line.pop_back();
  }
}

std::string decimal(double number, const char* unit) {
  char text[48];
  snprintf(text, sizeof(text), number < 99.95 ? "%.1f%s" : "%.0f%s", number, unit);
  return text;
}

Tone toneOfShare(uint64_t used, uint64_t limit) {
  if (used >= limit) return Tone::bad;
  return used >= limit - limit / 5 ? Tone::warning : Tone::good;
}

}  // namespace

size_t columnsOf(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), startsCharacter));
}

size_t columnsOf(const Line& line) {
  size_t width = 0;
  for (const Span& span : line) width += columnsOf(span.text);
  return width;
}

std::string padded(std::string text, size_t width, bool right) {
  size_t missing = width - std::min(width, columnsOf(text));
  return right ? std::string(missing, ' ') + text : text + std::string(missing, ' ');
}

Line clipped(const Line& line, size_t columns) {
  Line kept;
  for (const Span& span : line) {
    auto text = firstOf(span.text, columns);
    columns -= columnsOf(text);
    kept.push_back({std::string(text), span.tone});
  }
  dropTrailingSpaces(kept);
  return kept;
}

std::string textOf(const Line& line) {
  std::string text;
  for (const Span& span : line) text += span.text;
  return text;
}

Span usageBar(uint64_t used, uint64_t limit, size_t columns) {
  if (limit == 0 || columns < 3) return {std::string(columns, ' ')};
  size_t room = columns - 2;
  double share = std::min(1.0, static_cast<double>(used) / static_cast<double>(limit));
  auto filled = static_cast<size_t>(share * static_cast<double>(room) + 0.5);
  if (used > 0) filled = std::max<size_t>(filled, 1);
  return {"[" + std::string(filled, '=') + std::string(room - filled, ' ') + "]", toneOfShare(used, limit)};
}

std::string perSecond(std::optional<double> rate) { return rate ? decimal(*rate, "/s") : "-"; }

std::string bytesPerSecond(std::optional<double> rate) {
  return rate ? byteText(static_cast<uint64_t>(*rate + 0.5)) + "/s" : "-";
}

std::string percent(std::optional<double> share) { return share ? decimal(*share, " %") : "-"; }

}  // namespace cbs::cli
