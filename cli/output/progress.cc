#include "cli/output/progress.h"

#include "common/duration.h"

#include <algorithm>
#include <cstdio>

namespace cbs::cli {
namespace {

constexpr size_t kMinBar = 10;
constexpr size_t kMaxBar = 40;

uint64_t rateOf(const Progress& progress) {
  if (progress.perSecond) return *progress.perSecond;
  return progress.elapsedMs == 0 ? 0 : progress.bytes * 1000 / progress.elapsedMs;
}

// "0:42" or "1:02:03"; "-:--" while nothing can be said.
std::string remaining(const Progress& progress) {
  uint64_t perSecond = rateOf(progress);
  if (perSecond == 0 || !progress.listed || progress.totalBytes < progress.bytes) return "-:--";
  auto seconds = static_cast<unsigned long long>((progress.totalBytes - progress.bytes) / perSecond);
  char text[48];
  if (seconds < 3600) {
    snprintf(text, sizeof(text), "%llu:%02llu", seconds / 60, seconds % 60);
  } else {
    snprintf(text, sizeof(text), "%llu:%02llu:%02llu", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
  return text;
}

double shareOf(const Progress& progress) {
  if (progress.totalBytes == 0) return 0;
  return std::min(static_cast<double>(progress.bytes) / static_cast<double>(progress.totalBytes), 1.0);
}

// `12/340 files`, `12/340+ files` while there may be more; "" for a single one.
std::string filesText(const Progress& progress) {
  if (progress.totalFiles < 2) return "";
  return std::to_string(progress.files) + "/" + std::to_string(progress.totalFiles) + (progress.listed ? "" : "+") +
         " files";
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
  double share = shareOf(progress);
  char percent[16];
  snprintf(percent, sizeof(percent), "  %3d %%", static_cast<int>(share * 100));
  std::string files = filesText(progress);
  if (!files.empty()) files.insert(0, "  ");
  std::string rate = byteText(rateOf(progress)) + "/s";
  rate.insert(0, rate.size() < 12 ? 12 - rate.size() : 0, ' ');
  std::string figures = files + "  " + rate + "  " + remaining(progress);
  size_t taken = std::string_view(percent).size() + figures.size();
  size_t room = columns > taken ? columns - taken : 0;
  std::string text = shortened(name, room) + percent;
  size_t left = room - std::min(room, name.size());
  if (left >= kMinBar + 3) text += bar(std::min(left - 3, kMaxBar), share);
  return (text + figures).substr(0, columns);
}

std::string progressSentence(std::string_view name, const Progress& progress) {
  std::string text(name);
  text += ": " + std::to_string(static_cast<int>(shareOf(progress) * 100)) + " % of " + byteText(progress.totalBytes);
  if (!progress.listed) text += " or more";
  if (auto files = filesText(progress); !files.empty()) text += ", " + files;
  return text + ", " + byteText(rateOf(progress)) + "/s, " + remaining(progress) + " left";
}

}  // namespace cbs::cli
