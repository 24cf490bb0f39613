// How the daemon itself is doing.

#include "agentd/http/metrics.h"

#include <algorithm>

namespace cbs::http {
namespace {

std::string severityName(schema::Health::Status severity) {
  switch (severity) {
    case schema::Health::Status::HEALTHY:
      return "healthy";
    case schema::Health::Status::DEGRADED:
      return "degraded";
    case schema::Health::Status::DOWN:
      return "down";
  }
  return "unknown";
}

}  // namespace

void addHealthMetrics(schema::Stats::Reader stats, Families& to) {
  auto conditions = stats.getConditions();
  auto worst = schema::Health::Status::HEALTHY;
  for (auto condition : conditions) worst = std::max(worst, condition.getSeverity());
  to.gauge("cbsession_health_status", "0 healthy, 1 degraded, 2 down.").add(static_cast<double>(worst));
  auto& family = to.gauge("cbsession_health_condition", "1 for each condition that is not in order.");
  for (auto condition : conditions) {
    family.add(1,
               {{"code", labelValue(condition.getCode().cStr())}, {"severity", severityName(condition.getSeverity())}});
  }
}

void addDaemonMetrics(schema::Stats::Reader stats, Families& to) {
  to.gauge("cbsession_build_info", "1; the label tells the version.")
      .add(1, {{"version", labelValue(stats.getDaemon().getVersion().cStr())}});
  to.gauge("cbsession_callers_count", "Connections to the socket of the daemon.").add(stats.getCallers());
  auto process = stats.getProcess();
  to.gauge("cbsession_event_loop_lag_seconds", "How late the event loop was, over the last minute.")
      .add(static_cast<double>(process.getLoopLagP99Us()) / 1e6, {{"percentile", "99"}})
      .add(static_cast<double>(process.getLoopLagMaxUs()) / 1e6, {{"percentile", "100"}});
  to.gauge("cbsession_heap_bytes", "Memory that the allocator has given out.")
      .add(static_cast<double>(process.getHeapBytes()));
}

void addProcessMetrics(schema::Stats::Reader stats, Families& to) {
  auto process = stats.getProcess();
  to.gauge("process_resident_memory_bytes", "Resident memory.").add(static_cast<double>(process.getResidentBytes()));
  to.gauge("process_virtual_memory_bytes", "Virtual memory.").add(static_cast<double>(process.getVirtualBytes()));
  to.counter("process_cpu_seconds_total", "Processor time, of user and system.")
      .add(static_cast<double>(process.getCpuMs()) / 1e3);
  to.gauge("process_open_fds", "Open descriptors.").add(process.getOpenDescriptors());
  to.gauge("process_max_fds", "Descriptors that may be open.").add(process.getMaxDescriptors());
  to.gauge("process_start_time_seconds", "When the daemon started, in seconds since 1970.")
      .add(static_cast<double>(process.getStartedMs()) / 1e3);
  to.gauge("process_threads", "Threads.").add(process.getThreads());
}

}  // namespace cbs::http
