#include "cli/watch/host_rows.h"

#include "cli/output/printable.h"

#include <algorithm>

namespace cbs::cli {
namespace {

constexpr size_t kCountWidth = 6;
constexpr size_t kRateWidth = 11;
constexpr size_t kBytesWidth = 14;
constexpr size_t kFiguresWidth = 3 * kCountWidth + kRateWidth + 2 * kBytesWidth;
constexpr size_t kNarrowestName = 16;

struct HostCells {
  std::string connections, channels, waiting, commands, in, out;
};

std::string rightAligned(const HostCells& cells) {
  return padded(cells.connections, kCountWidth, true) + padded(cells.channels, kCountWidth, true) +
         padded(cells.waiting, kCountWidth, true) + padded(cells.commands, kRateWidth, true) +
         padded(cells.in, kBytesWidth, true) + padded(cells.out, kBytesWidth, true);
}

HostCells cellsOf(schema::HostFigures::Reader host, const HostRates& rates) {
  return {std::to_string(host.getConnections()), std::to_string(host.getChannels()),
          std::to_string(host.getWaiting()),     perSecond(rates.commands),
          bytesPerSecond(rates.bytesIn),         bytesPerSecond(rates.bytesOut)};
}

}  // namespace

std::vector<Line> hostRows(const Sample& sample, const Rates& rates, size_t columns) {
  auto hosts = sample.hosts();
  if (hosts.size() == 0) return {};
  size_t nameWidth = std::max(kNarrowestName, columns - std::min(columns, kFiguresWidth));
  std::string heading =
      padded("BUSIEST HOSTS", nameWidth) + rightAligned({"CONN", "CHAN", "WAIT", "COMMANDS", "IN", "OUT"});
  std::vector<Line> rows = {{}, {{heading, Tone::strong}}};
  for (unsigned i = 0; i < hosts.size(); ++i) {
    auto host = hosts[i];
    std::string name = shortened(printable(host.getHost().cStr()), nameWidth - 1);
    rows.push_back(
        {{padded(name, nameWidth)},
         {rightAligned(cellsOf(host, rates.hosts[i])), host.getWaiting() > 0 ? Tone::warning : Tone::plain}});
  }
  return rows;
}

}  // namespace cbs::cli
