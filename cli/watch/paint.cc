#include "cli/watch/paint.h"

namespace cbs::cli {
namespace {

const char* colourOf(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::strong:
      return "\x1b[1m";
    case Tone::faint:
      return "\x1b[2m";
    case Tone::good:
      return "\x1b[32m";
    case Tone::warning:
      return "\x1b[33m";
    case Tone::bad:
      return "\x1b[31m";
  }
  return "";
}

}  // namespace

const char* const kEnterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const char* const kLeaveScreen = "\x1b[m\x1b[?7h\x1b[?25h\x1b[?1049l";

std::string paint(const std::vector<Line>& lines, bool coloured) {
  std::string text;
  for (size_t row = 0; row < lines.size(); ++row) {
    text += "\x1b[" + std::to_string(row + 1) + ";1H";
    for (const Span& span : lines[row]) {
      bool plain = !coloured || span.tone == Tone::plain;
      text += plain ? span.text : colourOf(span.tone) + span.text + "\x1b[m";
    }
    text += "\x1b[K";
  }
  return text + "\x1b[J";
}

}  // namespace cbs::cli
