// What a daemon may have answered to `cbsession stats --watch`.
#pragma once

#include "cli/watch/sample.h"

#include <functional>
#include <string>
#include <vector>

namespace cbs::cli {

using Describe = std::function<void(schema::Stats::Builder, schema::Agent::HostsResults::Builder)>;

inline void describeIdleDaemon(schema::Stats::Builder stats) {
  auto daemon = stats.initDaemon();
  daemon.setVersion("1.2.3");
  daemon.setPid(4711);
  stats.setUptimeMs(3 * 3600 * 1000);
  auto limits = stats.initLimits();
  limits.setProfile("default");
  limits.setMaxConnections(1000);
  limits.setQueueCapacity(1000);
}

inline Sample sampleOf(const Describe& describe) {
  capnp::MallocMessageBuilder message, hostMessage;
  auto stats = message.initRoot<schema::Stats>();
  auto hosts = hostMessage.initRoot<schema::Agent::HostsResults>();
  describeIdleDaemon(stats);
  describe(stats, hosts);
  return Sample(stats, hosts.asReader().getHosts());
}

inline void addHosts(schema::Agent::HostsResults::Builder to, const std::vector<std::string>& names,
                     uint64_t commands = 0) {
  auto hosts = to.initHosts(static_cast<unsigned>(names.size()));
  for (unsigned i = 0; i < hosts.size(); ++i) {
    hosts[i].setHost(names[i].c_str());
    hosts[i].setAddress("10.0.0.1:22");
    hosts[i].setUser("me");
    hosts[i].setConnections(4);
    hosts[i].setChannels(2);
    hosts[i].setCommands(commands);
    hosts[i].setBytesIn(commands * 1024);
    hosts[i].setBytesOut(commands);
  }
}

}  // namespace cbs::cli
