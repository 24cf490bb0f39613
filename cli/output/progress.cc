#include "cli/output/progress.h"

#include "common/duration.h"

#include <algorithm>
#include <cstdio>

namespace cbs::cli {
namespace {

constexpr size_t kMinBar = 10;
constexpr size_t kMaxBar = 40;

// "0:42" or "1:02:03"; "-:--" while nothing can be said.
std::string remaining(const Progress& progress) {
  if (progress.bytes == 0 || progress.totalBytes < progress.bytes) return "-:--";
  double left = static_cast<double>(progress.totalBytes - progress.bytes) / static_cast<double>(progress.bytes);
  auto seconds = static_cast<unsigned long long>(left * static_cast<double>(progress.elapsedMs) / 1000);
  char text[48];
  if (seconds < 3600) {
    snprintf(text, sizeof(text), "%llu:%02llu", seconds / 60, seconds % 60);
  } else {
    snprintf(text, sizeof(text), "%llu:%02llu:%02llu", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
  return text;
}

std::string bar(size_t width, double share) {
  auto filled = static_cast<size_t>(share * static_cast<double>(width));
  std::string text(filled, '=');
  if (filled < width) text += '>';
  text.resize(width, ' ');
  return " [" + text + "]";
}

std::string shortened(std::string_view name, size_t width) {
  if (name.size() <= width) return std::string(name);
  if (width < 4) return std::string(name.substr(0, width));
  return "..." + std::string(name.substr(name.size() - (width - 3)));
}

}  // namespace

std::string formatProgress(std::string_view name, const Progress& progress, unsigned columns) {
  double share =
      progress.totalBytes == 0 ? 0 : static_cast<double>(progress.bytes) / static_cast<double>(progress.totalBytes);
  share = std::min(share, 1.0);
  uint64_t perSecond = progress.elapsedMs == 0 ? 0 : progress.bytes * 1000 / progress.elapsedMs;
  char percent[16];
  snprintf(percent, sizeof(percent), "  %3d %%", static_cast<int>(share * 100));
  std::string rate = byteText(perSecond) + "/s";
  rate.insert(0, rate.size() < 12 ? 12 - rate.size() : 0, ' ');
  std::string figures = "  " + rate + "  " + remaining(progress);
  size_t taken = std::string_view(percent).size() + figures.size();
  size_t room = columns > taken ? columns - taken : 0;
  std::string text = shortened(name, room) + percent;
  size_t left = room - std::min(room, name.size());
  if (left >= kMinBar + 3) text += bar(std::min(left - 3, kMaxBar), share);
  return (text + figures).substr(0, columns);
}

}  // namespace cbs::cli
