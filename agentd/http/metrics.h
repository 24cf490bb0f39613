// The daemon's figures as Prometheus metrics.
#pragma once

#include "agentd/http/families.h"
#include "common/config.h"
#include "schema/agent.capnp.h"

namespace cbs::http {

// One moment's metrics. `hosts` are those that may get series of their own, the busiest first; `config` says which of
// them do.
std::vector<prometheus::MetricFamily> metricsOf(schema::Stats::Reader stats,
                                                capnp::List<schema::HostFigures>::Reader hosts,
                                                const Config::Metrics& config);

// Its parts, by subject.
void addConnectionMetrics(schema::Stats::Reader stats, Families& to);
void addBreakerMetrics(schema::Stats::Reader stats, Families& to);
void addCommandMetrics(schema::Stats::Reader stats, Families& to);
void addTransferMetrics(schema::Stats::Reader stats, Families& to);
void addQueueMetrics(schema::Stats::Reader stats, Families& to);
void addJobMetrics(schema::Stats::Reader stats, Families& to);
void addFanOutMetrics(schema::Stats::Reader stats, Families& to);
void addHealthMetrics(schema::Stats::Reader stats, Families& to);
void addDaemonMetrics(schema::Stats::Reader stats, Families& to);
void addProcessMetrics(schema::Stats::Reader stats, Families& to);

// Hosts of the same name share a series.
void addHostMetrics(capnp::List<schema::HostFigures>::Reader hosts, const Config::Metrics& config, Families& to);

}  // namespace cbs::http
