#include "cli/watch/figure_rows.h"

#include "cli/output/printable.h"
#include "common/duration.h"

#include <algorithm>
#include <cstdio>

namespace cbs::cli {
namespace {

using Durations = schema::EngineStats::Durations::Reader;
using Status = schema::Health::Status;

constexpr size_t kLabelWidth = 13;
constexpr size_t kCellWidth = 16;
constexpr size_t kWidestBar = 62;

// A label, and figures each in its place, so that they stay there from frame to frame.
Line figureRow(const char* label, std::vector<Span> cells) {
  Line line = {{padded(label, kLabelWidth), Tone::strong}};
  for (Span& cell : cells) line.push_back({padded(cell.text + " ", kCellWidth), cell.tone});
  return line;
}

std::string inMillions(uint64_t number) {
  char text[32];
  snprintf(text, sizeof(text), "%.1fM", static_cast<double>(number) / 1e6);
  return text;
}

template <typename Number>
std::string counted(Number number, const char* word) {
  return (number < 1'000'000 ? std::to_string(number) : inMillions(number)) + " " + word;
}

std::string timed(uint64_t microseconds, const char* word) {
  return durationText(microseconds * kj::MICROSECONDS) + " " + word;
}

// `[===    ]  44 of 1000`
Line barRow(uint64_t used, uint64_t limit, size_t columns, const char* what) {
  std::string figures = "  " + std::to_string(used) + " of " + std::to_string(limit) + what;
  size_t taken = kLabelWidth + columnsOf(figures);
  size_t room = columns > taken ? columns - taken : 0;
  return {{std::string(kLabelWidth, ' ')}, usageBar(used, limit, std::min(room, kWidestBar)), {figures}};
}

template <typename Times>
std::vector<Span> quantiles(Times times, const char* ifNone) {
  if (times.getCount() == 0) return {{ifNone, Tone::faint}};
  return {{timed(times.getP50Us(), "p50")}, {timed(times.getP90Us(), "p90")}, {timed(times.getP99Us(), "p99")}};
}

Span alarming(std::string text, bool alarm, Tone tone) { return {std::move(text), alarm ? tone : Tone::plain}; }

void addConnections(std::vector<Line>& rows, schema::Stats::Reader stats, size_t columns) {
  auto engine = stats.getEngine();
  rows.push_back(figureRow(
      "connections", {{counted(engine.getConnectionsActive(), "active")},
                      {counted(engine.getConnectionsIdle(), "idle")},
                      {counted(engine.getConnectionsConnecting(), "connecting")},
                      alarming(counted(engine.getWaiting(), "waiting"), engine.getWaiting() > 0, Tone::warning)}));
  uint64_t used =
      uint64_t{engine.getConnectionsActive()} + engine.getConnectionsIdle() + engine.getConnectionsConnecting();
  rows.push_back(barRow(used, stats.getLimits().getMaxConnections(), columns, ""));
}

void addCommands(std::vector<Line>& rows, schema::Stats::Reader stats, const Rates& rates) {
  auto engine = stats.getEngine();
  rows.push_back(figureRow("commands", {{counted(engine.getCommandsRunning(), "running")},
                                        {perSecond(rates.commands)},
                                        {counted(engine.getCommandsDone(), "done")}}));
  rows.push_back(figureRow("latency", quantiles(stats.getLatency(), "no command yet")));
}

void addQueue(std::vector<Line>& rows, schema::Stats::Reader stats, const Rates& rates, size_t columns) {
  auto queue = stats.getQueue();
  bool rejecting = rates.rejected.value_or(0) > 0;
  auto lanes = std::to_string(queue.getActive()) + " of " + counted(queue.getLanes(), "lanes");
  rows.push_back(figureRow("queue", {{lanes},
                                     {counted(queue.getAccepted(), "accepted")},
                                     alarming(counted(queue.getRejected(), "rejected"), rejecting, Tone::bad),
                                     alarming(perSecond(rates.rejected), rejecting, Tone::bad)}));
  rows.push_back(barRow(queue.getDepth(), stats.getLimits().getQueueCapacity(), columns, " wait"));
  rows.push_back(figureRow("waits", quantiles(stats.getQueueWaits(), "none yet")));
  rows.push_back(figureRow("jobs", {{counted(queue.getJobsWaiting(), "waiting")},
                                    {counted(queue.getJobsRunning(), "running")},
                                    {counted(queue.getJobsEnded(), "ended")}}));
}

void addRest(std::vector<Line>& rows, schema::Stats::Reader stats, const Rates& rates) {
  auto engine = stats.getEngine();
  auto process = stats.getProcess();
  rows.push_back(figureRow(
      "breakers",
      {alarming(counted(engine.getBreakersOpen(), "open"), engine.getBreakersOpen() > 0, Tone::bad),
       alarming(counted(engine.getBreakersHalfOpen(), "half-open"), engine.getBreakersHalfOpen() > 0, Tone::warning)}));
  rows.push_back(figureRow("transfers", {{counted(engine.getTransfersRunning(), "running")},
                                         {bytesPerSecond(rates.uploadBytes) + " up"},
                                         {bytesPerSecond(rates.downloadBytes) + " down"}}));
  auto descriptors =
      std::to_string(process.getOpenDescriptors()) + "/" + std::to_string(process.getMaxDescriptors()) + " fds";
  rows.push_back(figureRow("process", {{byteText(process.getResidentBytes())},
                                       {"CPU " + percent(rates.cpuPercent)},
                                       {descriptors},
                                       {"lag " + timed(process.getLoopLagP99Us(), "p99")}}));
}

Tone toneOf(Status status) {
  if (status == Status::HEALTHY) return Tone::good;
  return status == Status::DEGRADED ? Tone::warning : Tone::bad;
}

const char* wordOf(Status status) {
  if (status == Status::HEALTHY) return "healthy";
  return status == Status::DEGRADED ? "degraded" : "down";
}

// How it is, and the first of its worst conditions; how many more there are.
struct Condition {
  Status status = Status::HEALTHY;
  std::string text = {};
  unsigned others = 0;
};

Condition worstOf(capnp::List<schema::Health::Condition>::Reader conditions) {
  Condition worst;
  for (auto condition : conditions) {
    if (condition.getSeverity() <= worst.status) continue;
    worst = {condition.getSeverity(), printable(condition.getText().cStr()), conditions.size() - 1};
  }
  return worst;
}

Line conditionLine(const Condition& worst, size_t columns) {
  std::string others = worst.others > 0 ? " (and " + std::to_string(worst.others) + " more)" : "";
  size_t room = columns - std::min(columns, columnsOf(others));
  return {{shortened(worst.text, room) + others, toneOf(worst.status)}};
}

}  // namespace

std::vector<Line> headRows(const WatchView& view, size_t columns) {
  Span lost{view.lost, Tone::bad};
  if (view.sample == nullptr) {
    return {{{"cbsession  ", Tone::strong}, {view.lost.empty() ? "waits for an answer" : "no answer", Tone::bad}},
            {lost}};
  }
  auto stats = view.sample->stats();
  auto daemon = stats.getDaemon();
  auto worst = worstOf(stats.getConditions());
  Line line = {
      {std::string("cbsession ") + printable(daemon.getVersion().cStr()), Tone::strong},
      {"  pid " + std::to_string(daemon.getPid()) + "  up " + durationText(stats.getUptimeMs() * kj::MILLISECONDS) +
       "  profile " + printable(stats.getLimits().getProfile().cStr()) + "  "}};
  line.push_back(view.lost.empty() ? Span{wordOf(worst.status), toneOf(worst.status)} : Span{"no answer", Tone::bad});
  return {line, view.lost.empty() ? conditionLine(worst, columns) : Line{lost}};
}

std::vector<Line> figureRows(const Sample& sample, const Rates& rates, size_t columns) {
  std::vector<Line> rows;
  auto stats = sample.stats();
  addConnections(rows, stats, columns);
  addCommands(rows, stats, rates);
  addQueue(rows, stats, rates, columns);
  addRest(rows, stats, rates);
  return rows;
}

}  // namespace cbs::cli
