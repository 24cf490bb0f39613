#include "cli/watch/watch_lines.h"

#include "cli/watch/line.h"

#include <cstdio>
#include <iterator>

namespace cbs::cli {
namespace {

struct WatchColumn {
  const char* heading;
  size_t width;
};

constexpr WatchColumn kWatchColumns[] = {
    {"busy", 6},        {"idle", 6},   {"wait", 5},  {"run", 5},  {"cmd/s", 8}, {"p50 ms", 9},
    {"p99 ms", 9},      {"queued", 7}, {"rej/s", 7}, {"jobs", 6}, {"open", 5},  {"up KiB/s", 10},
    {"down KiB/s", 11}, {"MiB", 7},    {"cpu %", 7}, {"fds", 6},  {"lag ms", 8}};

std::string fixed(std::optional<double> number) {
  char text[48];
  snprintf(text, sizeof(text), "%.1f", number.value_or(0));
  return number ? text : "-";
}

std::optional<double> inKiB(std::optional<double> bytes) {
  if (bytes) *bytes /= 1024;
  return bytes;
}

std::string milliseconds(uint64_t microseconds, bool known = true) {
  return known ? fixed(static_cast<double>(microseconds) / 1000) : "-";
}

}  // namespace

std::string watchHeading() {
  std::string line;
  for (const WatchColumn& column : kWatchColumns) line += padded(column.heading, column.width, true);
  return line + "\n";
}

std::string watchLine(const Sample& sample, const Rates& rates) {
  auto stats = sample.stats();
  auto engine = stats.getEngine();
  auto queue = stats.getQueue();
  auto process = stats.getProcess();
  auto latency = stats.getLatency();
  bool timed = latency.getCount() > 0;
  const std::string cells[] = {std::to_string(engine.getConnectionsActive()),
                               std::to_string(engine.getConnectionsIdle()),
                               std::to_string(engine.getWaiting()),
                               std::to_string(engine.getCommandsRunning()),
                               fixed(rates.commands),
                               milliseconds(latency.getP50Us(), timed),
                               milliseconds(latency.getP99Us(), timed),
                               std::to_string(queue.getDepth()),
                               fixed(rates.rejected),
                               std::to_string(queue.getJobsWaiting() + queue.getJobsRunning()),
                               std::to_string(engine.getBreakersOpen()),
                               fixed(inKiB(rates.uploadBytes)),
                               fixed(inKiB(rates.downloadBytes)),
                               std::to_string(process.getResidentBytes() >> 20),
                               fixed(rates.cpuPercent),
                               std::to_string(process.getOpenDescriptors()),
                               milliseconds(process.getLoopLagP99Us())};
  static_assert(std::size(cells) == std::size(kWatchColumns));
  std::string line;
  for (size_t i = 0; i < std::size(cells); ++i) line += padded(cells[i], kWatchColumns[i].width, true);
  return line + "\n";
}

}  // namespace cbs::cli
