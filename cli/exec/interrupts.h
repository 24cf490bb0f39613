// Signals as events.
#pragma once

#include <kj/async-unix.h>

#include <vector>

namespace cbs::cli {

// Captures some signals for the rest of the process's life, but for those that our parent wanted ignored (nohup, a
// background job). To be made before the event loop waits.
class Interrupts {
 public:
  Interrupts(kj::UnixEventPort& port, const std::vector<int>& signals);

  // The next of them to arrive. One wait at a time.
  kj::Promise<int> next();

 private:
  kj::UnixEventPort& port_;
  std::vector<int> signals_;
};

}  // namespace cbs::cli
