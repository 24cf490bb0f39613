// Time that goes on while the machine sleeps, as the event loop's own does not.
#pragma once

#include <kj/time.h>
#include <time.h>

namespace cbs {

// Since the machine was started. Costs about 30 ns.
inline kj::TimePoint bootTime() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return kj::origin<kj::TimePoint>() + now.tv_sec * kj::SECONDS + now.tv_nsec * kj::NANOSECONDS;
}

}  // namespace cbs
