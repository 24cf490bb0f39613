// Limits as they cross to the engine, and as the configuration has them.
#pragma once

#include "agentd/pool/limits.h"
#include "common/config.h"
#include "schema/engine.capnp.h"

namespace cbs::engine {

void encode(const Config& config, schema::EngineLimits::Builder to);

void encode(const pool::HostLimits& limits, schema::HostLimits::Builder to);
pool::PoolLimits decode(schema::EngineLimits::Reader from);

}  // namespace cbs::engine
