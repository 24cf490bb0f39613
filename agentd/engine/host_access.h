// From the engine's interface to the pool's: a host, and the callers' capabilities that know its keys.
#pragma once

#include "agentd/pool/host_access.h"
#include "schema/engine.capnp.h"

namespace cbs::engine {

// `connectTimeoutMs` overrides what the host's configuration says, unless it is 0.
std::shared_ptr<const pool::HostAccess> makeHostAccess(schema::ResolvedHost::Reader host,
                                                       schema::Identity::Client identity, schema::Trust::Client trust,
                                                       uint64_t connectTimeoutMs);

}  // namespace cbs::engine
