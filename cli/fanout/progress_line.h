// How far the work on many hosts is, in one line.
#pragma once

#include "cli/fanout/host_board.h"
#include "cli/output/rate_meter.h"

#include <string>

namespace cbs::cli {

// `312/1000 done · 64 running · 2 failed · 85/s · slowest web17 12s`
class ProgressLine {
 public:
  explicit ProgressLine(const HostBoard& board, kj::TimePoint start) : board_(board), start_(start) {}

  // To be asked for every now and then: the rate is that of the last seconds.
  std::string text(kj::TimePoint now);

 private:
  const HostBoard& board_;
  kj::TimePoint start_;
  RateMeter rate_;
};

}  // namespace cbs::cli
