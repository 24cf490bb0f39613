// What the kernel says about a process.
#pragma once

#include <sys/types.h>

#include <optional>

namespace cbs::bench {

struct ProcessFigures {
  double residentKiB = 0;
  double cpuMs = 0;          // of all its threads; the kernel counts in steps of 10 ms
  double childrenCpuMs = 0;  // of its descendants, ended (if waited for) and alive
};

// Throws if there is no such process.
ProcessFigures figuresOf(pid_t pid);

// The processor time of all its threads so far, in milliseconds, exactly; without its descendants. Throws if there is
// no such process.
double ownCpuMs(pid_t pid);

// The largest resident size, in KiB, that it had since forgetPeak().
double peakResidentKiB(pid_t pid);
// The same of a process that may have ended.
std::optional<double> peakResidentIfThere(pid_t pid);
void forgetPeak(pid_t pid);

// The figures once the resident size has not changed for three seconds; after thirty, whatever it is.
ProcessFigures settledFiguresOf(pid_t pid);

}  // namespace cbs::bench
