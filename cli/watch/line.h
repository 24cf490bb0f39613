// A line of the screen: text in pieces that may have colours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::cli {

enum class Tone { plain, strong, faint, good, warning, bad };

struct Span {
  std::string text;  // fit for a terminal, without control characters
  Tone tone = Tone::plain;
};

using Line = std::vector<Span>;

// In characters.
size_t columnsOf(std::string_view text);
size_t columnsOf(const Line& line);

// Filled up with spaces, to the left of it if `right`; never cut.
std::string padded(std::string text, size_t width, bool right = false);

// What fits into so many columns, without spaces at its end.
Line clipped(const Line& line, size_t columns);

std::string textOf(const Line& line);

// `[=====     ]`, so many columns wide; the fuller it is, the worse its tone. Of nothing there is no share.
Span usageBar(uint64_t used, uint64_t limit, size_t columns);

// `12.3/s`, `1234/s`, `12.0 KiB/s`, `12.3 %`; `-` where it is not known.
std::string perSecond(std::optional<double> rate);
std::string bytesPerSecond(std::optional<double> rate);
std::string percent(std::optional<double> share);

}  // namespace cbs::cli
