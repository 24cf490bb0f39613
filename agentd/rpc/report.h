// What the daemon tells of itself.
#pragma once

#include "agentd/rpc/services.h"
#include "schema/agent.capnp.h"

namespace cbs::rpc {

// These need what the engine says of itself.
void reportStats(Services& services, schema::EngineStats::Reader engine, schema::Stats::Builder to);
void reportDetails(Services& services, schema::EngineStats::Reader engine,
                   schema::Engine::BreakersResults::Reader breakers, schema::HealthDetails::Builder to);

// What reading the configuration again has brought.
void reportChanges(const std::vector<ConfigChange>& changes, capnp::List<schema::Change>::Builder to);
void reportFaults(const std::vector<ConfigFault>& faults, capnp::List<schema::ConfigFault>::Builder to);

}  // namespace cbs::rpc
