#include "agentd/engine/host_figures.h"

#include <algorithm>
#include <vector>

namespace cbs::engine {
namespace {

constexpr size_t kMostHosts = 1000;

// How busy a host is: what hosts are ranked by, without their texts.
struct Standing {
  const pool::HostPool* host;
  uint32_t channels;
  size_t waiting;
  uint64_t commands;
};

Standing standingOf(const pool::HostPool& host) {
  uint32_t channels = 0;
  for (const auto& member : host.members()) channels += member->connection->channelsInUse();
  return {&host, channels, host.waiting(), host.commands()};
}

bool isBusier(const Standing& one, const Standing& other) {
  if (one.channels != other.channels) return one.channels > other.channels;
  if (one.waiting != other.waiting) return one.waiting > other.waiting;
  return one.commands > other.commands;
}

void report(const Standing& standing, schema::HostFigures::Builder to) {
  const pool::HostPool& host = *standing.host;
  const pool::HostSums sums = host.sums();
  if (host.access() != nullptr) {
    to.setHost(host.access()->alias.c_str());
    to.setUser(host.access()->dial.user.c_str());
  }
  to.setAddress(host.lastAddress().c_str());
  to.setConnections(static_cast<uint32_t>(host.members().size() + host.dials().size()));
  to.setChannels(standing.channels);
  to.setWaiting(static_cast<uint32_t>(standing.waiting));
  to.setCommands(sums.commands);
  to.setBytesIn(sums.bytesIn);
  to.setBytesOut(sums.bytesOut);
  to.setFailures(sums.failures);
}

}  // namespace

void listHosts(const pool::Pool& pool, uint32_t limit, schema::Engine::HostsResults::Builder to) {
  std::vector<Standing> hosts;
  hosts.reserve(pool.hosts());
  pool.forEachHost([&](const pool::HostPool& host) { hosts.push_back(standingOf(host)); });
  const size_t told = std::min({hosts.size(), size_t{limit}, kMostHosts});
  std::partial_sort(hosts.begin(), hosts.begin() + static_cast<ptrdiff_t>(told), hosts.end(), isBusier);
  auto list = to.initHosts(static_cast<unsigned>(told));
  for (unsigned i = 0; i < told; ++i) report(hosts[i], list[i]);
}

}  // namespace cbs::engine
