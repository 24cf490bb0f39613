// What this process uses of its machine.
#pragma once

#include <cstdint>

namespace cbs::telemetry {

// Figures that cannot be had are 0.
struct ProcessStats {
  uint64_t startedMs = 0;  // time of day; the same whenever it is asked for
  uint64_t residentBytes = 0;
  uint64_t virtualBytes = 0;
  uint64_t heapBytes = 0;  // in use, as the C library's allocator has them; minutes old if it takes long to say
  uint64_t cpuMs = 0;      // user and system
  uint32_t openDescriptors = 0;
  uint32_t maxDescriptors = 0;  // the soft limit
  uint32_t threads = 0;
};

// For one thread. Takes some 50 µs however many descriptors are open. To count them, a kernel before 6.2 wants them
// listed; beyond a thousand the lowest free number is taken there, up to which all are in use.
ProcessStats readProcessStats();

}  // namespace cbs::telemetry
