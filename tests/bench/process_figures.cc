#include "tests/bench/process_figures.h"

#include "tests/support/child_process.h"
#include "tests/support/failure.h"
#include "tests/support/temp_folder.h"

#include <time.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

namespace cbs::bench {
namespace {

struct Stat {
  double cpuMs;
  double waitedForMs;
  double residentKiB;
};

// proc(5): after the name in brackets come state (field 3), …, utime, stime, cutime, cstime (14 to 17), …, rss (24).
Stat readStat(pid_t pid) {
  std::string line = test::readFile("/proc/" + std::to_string(pid) + "/stat");
  auto afterName = line.rfind(')');
  if (afterName == std::string::npos) test::fail("process " + std::to_string(pid) + " is gone");
  std::istringstream fields(line.substr(afterName + 4));
  double field[25] = {};
  for (int number = 4; number <= 24; ++number) fields >> field[number];
  double tickMs = 1000.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  double pageKiB = static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
  return {(field[14] + field[15]) * tickMs, (field[16] + field[17]) * tickMs, field[24] * pageKiB};
}

// A descendant may end between being listed and being read.
double cpuOfDescendant(pid_t pid) {
  try {
    Stat stat = readStat(pid);
    return stat.cpuMs + stat.waitedForMs;
  } catch (const std::runtime_error&) {
    return 0;
  }
}

}  // namespace

ProcessFigures figuresOf(pid_t pid) {
  Stat stat = readStat(pid);
  ProcessFigures figures{stat.residentKiB, stat.cpuMs, stat.waitedForMs};
  for (pid_t descendant : test::descendantsOf(pid)) figures.childrenCpuMs += cpuOfDescendant(descendant);
  return figures;
}

double ownCpuMs(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    test::fail("process " + std::to_string(pid) + " is gone");
  }
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

std::optional<double> peakResidentIfThere(pid_t pid) {
  std::string status = test::readFile("/proc/" + std::to_string(pid) + "/status");
  size_t at = status.find("VmHWM:");
  if (at == std::string::npos) return std::nullopt;
  return std::stod(status.substr(at + 6));
}

double peakResidentKiB(pid_t pid) {
  auto peak = peakResidentIfThere(pid);
  if (!peak) test::fail("process " + std::to_string(pid) + " is gone");
  return *peak;
}

void forgetPeak(pid_t pid) {
  std::ofstream file("/proc/" + std::to_string(pid) + "/clear_refs");
  file << "5" << std::flush;  // proc(5)
  if (!file) test::fail("cannot reset the peak of process " + std::to_string(pid));
}

ProcessFigures settledFiguresOf(pid_t pid) {
  ProcessFigures last = figuresOf(pid);
  for (int second = 0, unchanged = 0; second < 30 && unchanged < 3; ++second) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    ProcessFigures now = figuresOf(pid);
    unchanged = now.residentKiB == last.residentKiB ? unchanged + 1 : 0;
    last = now;
  }
  return last;
}

}  // namespace cbs::bench
