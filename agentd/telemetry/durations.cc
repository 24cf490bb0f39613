#include "agentd/telemetry/durations.h"

namespace cbs::telemetry {

void encode(const LatencyHistogram& times, schema::EngineStats::Durations::Builder to) {
  to.setCount(times.count());
  to.setSumUs(times.sum());
  to.setP50Us(times.percentile(0.5));
  to.setP90Us(times.percentile(0.9));
  to.setP99Us(times.percentile(0.99));
  auto within = times.withinBounds();
  auto buckets = to.initBuckets(static_cast<unsigned>(within.size()));
  for (unsigned i = 0; i < buckets.size(); ++i) buckets.set(i, within[i]);
}

}  // namespace cbs::telemetry
