// What is not in order with the daemon.
#pragma once

#include "agentd/rpc/services.h"
#include "schema/agent.capnp.h"

#include <vector>

namespace cbs::rpc {

// Judges anew; what begins and what has ended goes to the log. Needs what the engine says of itself.
const std::vector<telemetry::Condition>& judgeHealth(Services& services, schema::EngineStats::Reader engine);

// Judges anew, and tells.
void reportHealth(Services& services, schema::EngineStats::Reader engine, schema::Health::Builder to);

void encode(const std::vector<telemetry::Condition>& conditions, capnp::List<schema::Health::Condition>::Builder to);

}  // namespace cbs::rpc
