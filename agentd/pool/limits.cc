#include "agentd/pool/limits.h"

#include "agentd/core/patterns.h"
#include "agentd/core/target.h"

namespace cbs::pool {
namespace {

template <typename T>
void fill(T& value, const T& from) {
  if (value == T()) value = from;
}

void fill(kj::Duration& value, kj::Duration from) {
  if (value == 0 * kj::SECONDS) value = from;
}

}  // namespace

HostLimits HostLimits::unset() {
  constexpr auto kNone = 0 * kj::SECONDS;
  return {0, 0, 0, 0, kNone, kNone, kNone, 0, kNone, kNone, {{0, kNone, 0}, kNone}};
}

void HostLimits::fillFrom(const HostLimits& other) {
  fill(maxConnections, other.maxConnections);
  fill(maxChannelsPerConnection, other.maxChannelsPerConnection);
  fill(maxTunnelsPerConnection, other.maxTunnelsPerConnection);
  fill(maxLoginsAtOnce, other.maxLoginsAtOnce);
  fill(connectTimeout, other.connectTimeout);
  fill(idleTimeout, other.idleTimeout);
  fill(maxAge, other.maxAge);
  fill(maxBytes, other.maxBytes);
  fill(probeAfter, other.probeAfter);
  fill(keepaliveInterval, other.keepaliveInterval);
  fill(reachability.connect.failureThreshold, other.reachability.connect.failureThreshold);
  fill(reachability.connect.openFor, other.reachability.connect.openFor);
  fill(reachability.connect.halfOpenProbes, other.reachability.connect.halfOpenProbes);
  fill(reachability.loginOpenFor, other.reachability.loginOpenFor);
}

HostLimits PoolLimits::of(std::string_view target, std::string_view hostName) const {
  HostLimits limits = HostLimits::unset();
  auto parsed = core::parseTarget(target);
  std::string_view alias = parsed ? std::string_view(parsed->host) : target;
  for (const HostOverride& override : overrides) {
    if (core::matchesPatternList({alias, hostName}, override.patterns)) limits.fillFrom(override.limits);
  }
  limits.fillFrom(host);
  return limits;
}

}  // namespace cbs::pool
