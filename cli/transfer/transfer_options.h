// The options that `upload`, `download` and `copy` have in common.
#pragma once

#include "cli/options.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cbs::cli {

struct TransferOptions {
  std::vector<std::string> paths = {};  // SRC and, last, DEST
  bool recursive = false;
  bool followLinks = false;
  std::vector<std::string> exclude = {};
  bool deleteExtras = false;
  bool dryRun = false;
  bool checksum = false;
  bool resume = false;
  bool verify = false;
  bool preserve = false;
  bool fsync = false;
  uint32_t streams = 0;  // 0: as many as help
  std::string limitRateText = "";
  uint64_t limitRate = 0;  // bytes a second; 0: none
  std::string connectTimeout = "";
  uint64_t connectTimeoutMs = 0;
  bool quiet = false;
  bool verbose = false;
  bool askPass = false;
};

void addTransferOptions(CLI::App& app, TransferOptions& options);

// Reads the values. What is wrong with them, or "". `structured`: the output is JSON of either sort.
std::string understand(const CLI::App& app, TransferOptions& options, bool structured);

}  // namespace cbs::cli
