// Tells what the pool is doing.
#pragma once

#include "agentd/pool/pool.h"
#include "schema/engine.capnp.h"

namespace cbs::engine {

// Fills the parts of the figures that the pool knows.
void reportStats(const pool::Pool& pool, kj::TimePoint now, schema::EngineStats::Builder to);

// Lists all connections, also those in the making.
void reportConnections(const pool::Pool& pool, kj::TimePoint now, schema::Engine::ConnectionsResults::Builder to);

}  // namespace cbs::engine
