// Tells what the pool is doing.
#pragma once

#include "agentd/pool/pool.h"
#include "schema/engine.capnp.h"

namespace cbs::engine {

// Fills the parts of the figures that the pool knows.
void reportStats(const pool::Pool& pool, kj::TimePoint now, schema::EngineStats::Builder to);

// Fills in what the pool knows of one host; all but the limits stays empty for one that it has never seen.
void reportHost(pool::Pool& pool, schema::ResolvedHost::Reader host, kj::TimePoint now, schema::HostReport::Builder to);

// Fills in where the host is.
void reportAddresses(const Expected<std::vector<ssh::Address>>& addresses, schema::HostReport::Builder to);

// Lists all connections, also those in the making.
void reportConnections(const pool::Pool& pool, kj::TimePoint now, schema::Engine::ConnectionsResults::Builder to);

}  // namespace cbs::engine
