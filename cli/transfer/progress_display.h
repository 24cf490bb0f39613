// Shows how far a transfer is.
#pragma once

#include <kj/timer.h>

#include <cstdint>
#include <string>

namespace cbs::cli {

// Draws one line on standard error over and over, if that is a terminal; draws nothing otherwise.
class ProgressDisplay {
 public:
  ProgressDisplay(kj::Timer& timer, std::string name, bool quiet);
  ~ProgressDisplay();  // wipes the line

  void update(uint64_t bytes, uint64_t totalBytes);

 private:
  kj::Timer& timer_;
  std::string name_;
  bool shown_;
  bool drawn_ = false;
  kj::TimePoint start_;
};

}  // namespace cbs::cli
