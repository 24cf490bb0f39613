// The progress of a transfer, as a line that is drawn over and over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cbs::cli {

struct Progress {
  uint64_t bytes = 0;
  uint64_t totalBytes = 0;  // 0: unknown
  uint64_t elapsedMs = 0;   // since the first byte could flow
};

// `name   45 % [=========>          ]  12 MiB/s  0:42`, at most `columns` wide: the bar goes first, then the name is
// shortened.
std::string formatProgress(std::string_view name, const Progress& progress, unsigned columns);

}  // namespace cbs::cli
