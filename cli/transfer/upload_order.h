// What an upload to many hosts is to do.
#pragma once

#include "cli/fanout/fan_out_options.h"
#include "cli/transfer/transfer_log.h"

namespace cbs::cli {

struct UploadOrder {
  const TransferOptions& options;
  const TransferPlaces& places;  // but for the target
  std::vector<std::string> targets;
  FanOutPace pace;
  Format format;
};

}  // namespace cbs::cli
