// What the daemon tells of itself.
#pragma once

#include "agentd/rpc/services.h"
#include "schema/agent.capnp.h"

namespace cbs::rpc {

// Both need what the engine says of itself.
void reportStats(Services& services, schema::EngineStats::Reader engine, schema::Stats::Builder to);
void reportHealth(Services& services, schema::EngineStats::Reader engine, schema::Health::Builder to);

}  // namespace cbs::rpc
