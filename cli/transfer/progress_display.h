// Shows how far a transfer is, on standard error.
#pragma once

#include "cli/output/rate_meter.h"
#include "schema/transfer.capnp.h"

#include <kj/timer.h>

#include <string>

namespace cbs::cli {

class ProgressDisplay {
 public:
  enum class Way {
    none,
    redrawn,   // one line over and over, for a terminal
    sentences  // a line every ten seconds
  };

  // `name` is whom it is about. `timer` outlives it.
  ProgressDisplay(kj::Timer& timer, std::string name, Way way);
  ~ProgressDisplay() { wipe(); }

  // A terminal gets the line, anything else the sentences.
  static Way wayFor(bool quiet);

  void update(schema::TransferProgress::Reader progress);
  // To be called before anything else is printed: takes the line off the terminal until the next update.
  void wipe();

 private:
  kj::Timer& timer_;
  std::string name_;
  Way way_;
  bool drawn_ = false;
  kj::TimePoint start_;
  kj::TimePoint told_;
  RateMeter rate_;
};

}  // namespace cbs::cli
