#include "agentd/engine/engine.h"

#include "agentd/engine/engine_server.h"

namespace cbs::engine {
namespace {

kj::Duration milliseconds(uint64_t count) { return static_cast<int64_t>(count) * kj::MILLISECONDS; }

pool::PoolLimits limitsOf(const Config& config) {
  pool::PoolLimits limits;
  limits.maxConnections = config.ssh.maxConnectionsPerInstance;
  limits.maxConnectionsPerHost = config.ssh.maxConnectionsPerHost;
  limits.maxChannelsPerConnection = config.ssh.maxChannelsPerConnection;
  limits.idleTimeout = milliseconds(config.ssh.connectionIdleTimeoutMs);
  limits.cleanupInterval = milliseconds(config.ssh.cleanupIntervalMs);
  limits.breaker = {config.breaker.failureThreshold, milliseconds(config.breaker.openMs),
                    config.breaker.halfOpenProbes};
  return limits;
}

}  // namespace

schema::Engine::Client newEngine(Loop loop, const Config& config) {
  return kj::heap<EngineServer>(loop, limitsOf(config));
}

}  // namespace cbs::engine
