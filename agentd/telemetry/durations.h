// A histogram in the words of the schema.
#pragma once

#include "agentd/telemetry/latency_histogram.h"
#include "schema/engine.capnp.h"

namespace cbs::telemetry {

void encode(const LatencyHistogram& times, schema::EngineStats::Durations::Builder to);

}  // namespace cbs::telemetry
