// From the engine's interface to the pool's: a host, and the callers' capabilities that know its keys.
#pragma once

#include "agentd/pool/host_access.h"
#include "schema/engine.capnp.h"

namespace cbs::engine {

// Where the host is.
ssh::TransportOptions transportOf(schema::ResolvedHost::Reader host);

// `connectTimeoutMs` overrides what the host's configuration says, unless it is 0.
std::shared_ptr<pool::HostAccess> makeHostAccess(schema::ResolvedHost::Reader host, schema::Identity::Client identity,
                                                 schema::Trust::Client trust, uint64_t connectTimeoutMs);

// Reads the parameters of exec, upload or download.
template <typename Params>
std::shared_ptr<const pool::HostAccess> hostAccessOf(Params params) {
  auto access = makeHostAccess(params.getHost(), params.getIdentity(), params.getTrust(), params.getConnectTimeoutMs());
  access->caller = params.getCaller().cStr();
  return access;
}

}  // namespace cbs::engine
