// Where the daemon is to be found, and how it is started if it is not there.
#pragma once

#include <string>

namespace cbs::cli {

struct DaemonPlace {
  std::string socket;     // absolute
  std::string config;     // absolute; "": the daemon's own choice
  bool autostart = true;  // start it if none runs
};

}  // namespace cbs::cli
