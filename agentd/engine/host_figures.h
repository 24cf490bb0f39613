// Tells what hosts have been, and are, used for.
#pragma once

#include "agentd/pool/pool.h"
#include "schema/engine.capnp.h"

namespace cbs::engine {

// Lists the busiest, at most `limit` of them.
void listHosts(const pool::Pool& pool, uint32_t limit, schema::Engine::HostsResults::Builder to);

}  // namespace cbs::engine
