// The progress of a transfer in one line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cbs::cli {

struct Progress {
  uint64_t bytes = 0;
  uint64_t totalBytes = 0;  // 0: unknown
  uint64_t elapsedMs = 0;   // since the first byte could flow
  uint64_t files = 0;
  uint64_t totalFiles = 0;                 // files are told of if there are several
  bool listed = true;                      // the totals are complete
  std::optional<uint64_t> perSecond = {};  // bytes; the average since the start if it is not given
};

// `name   45 % [=========>          ]  12/340 files  12 MiB/s  0:42`, at most `columns` wide: the bar goes first, then
// the name is shortened. For a line that is drawn over and over.
std::string formatProgress(std::string_view name, const Progress& progress, unsigned columns);

// `web1: 45 % of 1.0 GiB, 12/340 files, 110.0 MiB/s, 0:05 left`, without a newline. For a log.
std::string progressSentence(std::string_view name, const Progress& progress);

}  // namespace cbs::cli
