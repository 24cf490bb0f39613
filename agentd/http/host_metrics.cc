// What single hosts do, for those that the configuration names.

#include "agentd/core/patterns.h"
#include "agentd/http/metrics.h"

#include <map>

namespace cbs::http {
namespace {

struct Sums {
  uint64_t connections = 0;
  uint64_t channels = 0;
  uint64_t waiting = 0;
  uint64_t commands = 0;
  uint64_t bytesIn = 0;
  uint64_t bytesOut = 0;
  uint64_t failures = 0;

  void add(schema::HostFigures::Reader host) {
    connections += host.getConnections();
    channels += host.getChannels();
    waiting += host.getWaiting();
    commands += host.getCommands();
    bytesIn += host.getBytesIn();
    bytesOut += host.getBytesOut();
    failures += host.getFailures();
  }
};

using ByName = std::map<std::string, Sums>;

ByName sumsOf(capnp::List<schema::HostFigures>::Reader hosts, const Config::Metrics& config) {
  ByName sums;
  for (auto host : hosts) {
    if (!core::matchesPatternList(host.getHost().cStr(), config.perHost)) continue;
    auto name = labelValue(host.getHost().cStr());
    if (sums.size() >= config.maxHosts && !sums.contains(name)) continue;
    sums[name].add(host);
  }
  return sums;
}

void addEach(Family& family, const ByName& hosts, uint64_t Sums::*figure) {
  for (const auto& [name, sums] : hosts) family.add(static_cast<double>(sums.*figure), {{"host", name}});
}

}  // namespace

void addHostMetrics(capnp::List<schema::HostFigures>::Reader all, const Config::Metrics& config, Families& to) {
  auto hosts = sumsOf(all, config);
  addEach(to.gauge("ssh_host_connections_count", "SSH connections to the host, those in the making included."), hosts,
          &Sums::connections);
  addEach(to.gauge("ssh_host_channels_count", "Channels to the host in use."), hosts, &Sums::channels);
  addEach(to.gauge("ssh_host_waiting_count", "Callers that wait for a channel to the host."), hosts, &Sums::waiting);
  addEach(to.counter("ssh_host_commands_total", "Commands and transfers that were given a channel to the host."), hosts,
          &Sums::commands);
  auto& bytes = to.counter("ssh_host_bytes_total", "Bytes on the wire, from the host (in) and to it (out).");
  for (const auto& [name, sums] : hosts) {
    bytes.add(static_cast<double>(sums.bytesIn), {{"host", name}, {"direction", "in"}});
    bytes.add(static_cast<double>(sums.bytesOut), {{"host", name}, {"direction", "out"}});
  }
  addEach(to.counter("ssh_host_failures_total", "Connections to the host that could not be made, or broke."), hosts,
          &Sums::failures);
}

}  // namespace cbs::http
