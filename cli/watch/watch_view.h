// What `cbsession stats --watch` knows.
#pragma once

#include "cli/watch/rates.h"
#include "cli/watch/sample.h"

#include <kj/time.h>

#include <string>

namespace cbs::cli {

struct WatchView {
  const Sample* sample = nullptr;  // the last answer; null: there is none yet
  Rates rates = {};
  std::string lost = {};  // why there is no newer one; "" if all is well
  kj::Duration interval = 1 * kj::SECONDS;
  bool paused = false;
  bool help = false;
};

}  // namespace cbs::cli
