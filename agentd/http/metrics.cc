#include "agentd/http/metrics.h"

namespace cbs::http {

std::vector<prometheus::MetricFamily> metricsOf(schema::Stats::Reader stats,
                                                capnp::List<schema::HostFigures>::Reader hosts,
                                                const Config::Metrics& config) {
  Families families;
  addConnectionMetrics(stats, families);
  addBreakerMetrics(stats, families);
  addCommandMetrics(stats, families);
  addTransferMetrics(stats, families);
  addQueueMetrics(stats, families);
  addJobMetrics(stats, families);
  addFanOutMetrics(stats, families);
  addHealthMetrics(stats, families);
  addDaemonMetrics(stats, families);
  addProcessMetrics(stats, families);
  if (!config.perHost.empty()) addHostMetrics(hosts, config, families);
  return families.take();
}

}  // namespace cbs::http
