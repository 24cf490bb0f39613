#include "agentd/engine/limits.h"

namespace cbs::engine {
namespace {

kj::Duration duration(uint64_t milliseconds) { return static_cast<int64_t>(milliseconds) * kj::MILLISECONDS; }
uint64_t milliseconds(kj::Duration duration) { return static_cast<uint64_t>(duration / kj::MILLISECONDS); }

void encodeHost(const Config::Ssh& ssh, const Config::Breaker& breaker, schema::HostLimits::Builder to) {
  to.setMaxConnections(ssh.maxConnectionsPerHost);
  to.setMaxChannelsPerConnection(ssh.maxChannelsPerConnection);
  to.setMaxTunnelsPerConnection(ssh.maxTunnelsPerConnection);
  to.setMaxLoginsAtOnce(ssh.maxLoginsPerHost);
  to.setConnectTimeoutMs(ssh.connectTimeoutMs);
  to.setIdleTimeoutMs(ssh.connectionIdleTimeoutMs);
  to.setMaxAgeMs(ssh.connectionMaxAgeMs);
  to.setMaxBytes(ssh.connectionMaxBytes);
  to.setProbeAfterMs(ssh.probeAfterMs);
  to.setKeepaliveIntervalMs(ssh.keepaliveIntervalMs);
  to.setFailureThreshold(breaker.failureThreshold);
  to.setOpenMs(breaker.openMs);
  to.setHalfOpenProbes(breaker.halfOpenProbes);
  to.setLoginOpenMs(breaker.loginOpenMs);
}

pool::HostLimits decodeHost(schema::HostLimits::Reader from) {
  return {.maxConnections = from.getMaxConnections(),
          .maxChannelsPerConnection = from.getMaxChannelsPerConnection(),
          .maxTunnelsPerConnection = from.getMaxTunnelsPerConnection(),
          .maxLoginsAtOnce = from.getMaxLoginsAtOnce(),
          .connectTimeout = duration(from.getConnectTimeoutMs()),
          .idleTimeout = duration(from.getIdleTimeoutMs()),
          .maxAge = duration(from.getMaxAgeMs()),
          .maxBytes = from.getMaxBytes(),
          .probeAfter = duration(from.getProbeAfterMs()),
          .keepaliveInterval = duration(from.getKeepaliveIntervalMs()),
          .reachability = {.connect = {.failureThreshold = from.getFailureThreshold(),
                                       .openFor = duration(from.getOpenMs()),
                                       .halfOpenProbes = from.getHalfOpenProbes()},
                           .loginOpenFor = duration(from.getLoginOpenMs())}};
}

}  // namespace

void encode(const Config& config, schema::EngineLimits::Builder to) {
  to.setMaxConnections(config.ssh.maxConnectionsPerInstance);
  to.setMaxLoginsAtOnce(config.ssh.maxLogins);
  to.setMaxChannelsPerCaller(config.ssh.maxChannelsPerCaller);
  to.setCleanupIntervalMs(config.ssh.cleanupIntervalMs);
  encodeHost(config.ssh, config.breaker, to.initHost());
  auto overrides = to.initOverrides(static_cast<unsigned>(config.hosts.size()));
  for (unsigned i = 0; i < overrides.size(); ++i) {
    overrides[i].setPatterns(config.hosts[i].patterns.c_str());
    encodeHost(config.hosts[i].ssh, config.hosts[i].breaker, overrides[i].initLimits());
  }
}

void encode(const pool::HostLimits& limits, schema::HostLimits::Builder to) {
  to.setMaxConnections(limits.maxConnections);
  to.setMaxChannelsPerConnection(limits.maxChannelsPerConnection);
  to.setMaxTunnelsPerConnection(limits.maxTunnelsPerConnection);
  to.setMaxLoginsAtOnce(limits.maxLoginsAtOnce);
  to.setConnectTimeoutMs(milliseconds(limits.connectTimeout));
  to.setIdleTimeoutMs(milliseconds(limits.idleTimeout));
  to.setMaxAgeMs(milliseconds(limits.maxAge));
  to.setMaxBytes(limits.maxBytes);
  to.setProbeAfterMs(milliseconds(limits.probeAfter));
  to.setKeepaliveIntervalMs(milliseconds(limits.keepaliveInterval));
  to.setFailureThreshold(limits.reachability.connect.failureThreshold);
  to.setOpenMs(milliseconds(limits.reachability.connect.openFor));
  to.setHalfOpenProbes(limits.reachability.connect.halfOpenProbes);
  to.setLoginOpenMs(milliseconds(limits.reachability.loginOpenFor));
}

pool::PoolLimits decode(schema::EngineLimits::Reader from) {
  pool::PoolLimits limits;
  limits.maxConnections = from.getMaxConnections();
  limits.maxLoginsAtOnce = from.getMaxLoginsAtOnce();
  limits.maxChannelsPerCaller = from.getMaxChannelsPerCaller();
  limits.cleanupInterval = duration(from.getCleanupIntervalMs());
  limits.host = decodeHost(from.getHost());
  for (auto override : from.getOverrides()) {
    limits.overrides.push_back({override.getPatterns().cStr(), decodeHost(override.getLimits())});
  }
  return limits;
}

}  // namespace cbs::engine
