#include "cli/watch/frame.h"

#include "cli/watch/figure_rows.h"
#include "cli/watch/host_rows.h"
#include "common/duration.h"

#include <algorithm>

namespace cbs::cli {
namespace {

Line footer(const WatchView& view) {
  if (view.help) return {{"q quit   p pause, go on   + slower   - faster   ? hide the keys", Tone::strong}};
  Line line = {{"every " + durationText(view.interval) + "   ? for keys", Tone::faint}};
  if (view.paused) line.insert(line.begin(), {"paused   ", Tone::warning});
  return line;
}

constexpr size_t kHeadRows = 2;

// Old figures are not to be taken for what is.
void fade(std::vector<Line>& lines) {
  for (size_t i = kHeadRows; i < lines.size(); ++i) {
    for (Span& span : lines[i]) span.tone = Tone::faint;
  }
}

}  // namespace

std::vector<Line> watchFrame(const WatchView& view, TerminalSize size) {
  auto lines = headRows(view, size.columns);
  if (view.sample != nullptr) {
    for (Line& line : figureRows(*view.sample, view.rates, size.columns)) lines.push_back(std::move(line));
    for (Line& line : hostRows(*view.sample, view.rates, size.columns)) lines.push_back(std::move(line));
    if (!view.lost.empty()) fade(lines);
  }
  size_t body = size.rows > 1 ? size.rows - 1 : size.rows;
  lines.resize(body);
  if (size.rows > 1) lines.push_back(footer(view));
  for (Line& line : lines) line = clipped(line, size.columns);
  return lines;
}

// Some more than there are rows: one that moves up has had its earlier figures, then.
uint32_t hostsFor(TerminalSize size) { return std::min<uint32_t>(std::max(2 * size.rows, 50u), 1000); }

}  // namespace cbs::cli
