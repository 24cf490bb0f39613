// What the engine does: connections, breakers, transfers.

#include "agentd/http/metrics.h"
#include "common/error.h"

#include <algorithm>

namespace cbs::http {
namespace {

void addPhases(schema::EngineStats::Phases::Reader phases, Families& to) {
  to.histogram("ssh_connection_phase_time_seconds",
               "How long each phase of making a connection took; open is that of a channel.")
      .add(phases.getResolve(), {{"phase", "resolve"}})
      .add(phases.getConnect(), {{"phase", "connect"}})
      .add(phases.getHandshake(), {{"phase", "handshake"}})
      .add(phases.getAuthenticate(), {{"phase", "authenticate"}})
      .add(phases.getOpen(), {{"phase", "open"}});
}

void addFailures(capnp::List<schema::EngineStats::FailureCount>::Reader failures, Families& to) {
  auto& family =
      to.counter("ssh_connection_failures_total", "Connections that could not be made, or broke, by the reason.");
  for (auto failure : failures) {
    family.add(static_cast<double>(failure.getCount()), {{"reason", std::string(nameOf(failure.getReason()))}});
  }
}

}  // namespace

void addConnectionMetrics(schema::Stats::Reader stats, Families& to) {
  auto engine = stats.getEngine();
  to.gauge("ssh_connection_active_count", "SSH connections with a channel in use.").add(engine.getConnectionsActive());
  to.gauge("ssh_connection_idle_count", "SSH connections that nothing uses.").add(engine.getConnectionsIdle());
  to.gauge("ssh_connection_connecting_count", "SSH connections in the making.").add(engine.getConnectionsConnecting());
  to.gauge("ssh_connection_waiting_count", "Callers that wait for a connection.").add(engine.getWaiting());
  to.gauge("ssh_connection_limit", "SSH connections that may be open at once.")
      .add(stats.getLimits().getMaxConnections());
  to.counter("ssh_connection_creation_count_total", "SSH connections that were made.")
      .add(static_cast<double>(engine.getCreated()));
  to.counter("ssh_connection_reuse_count_total", "Commands and transfers that found a connection.")
      .add(static_cast<double>(engine.getReused()));
  to.counter("ssh_connection_closed_count_total", "SSH connections that have ended.")
      .add(static_cast<double>(engine.getClosed()));
  addFailures(engine.getFailures(), to);
  addPhases(engine.getPhases(), to);
}

void addBreakerMetrics(schema::Stats::Reader stats, Families& to) {
  auto engine = stats.getEngine();
  uint32_t notClosed = engine.getBreakersOpen() + engine.getBreakersHalfOpen();
  uint32_t closed = engine.getHosts() - std::min(engine.getHosts(), notClosed);
  to.gauge("ssh_breaker_count", "Circuit breakers, by their state.")
      .add(engine.getBreakersOpen(), {{"state", "open"}})
      .add(engine.getBreakersHalfOpen(), {{"state", "half_open"}})
      .add(closed, {{"state", "closed"}});
}

void addTransferMetrics(schema::Stats::Reader stats, Families& to) {
  auto engine = stats.getEngine();
  to.histogram("ssh_sftp_list_time_seconds", "How long listings took that went well.").add(engine.getListings());
  to.histogram("ssh_sftp_download_time_seconds", "How long downloads took that went well.").add(engine.getDownloads());
  to.histogram("ssh_sftp_upload_time_seconds", "How long uploads took that went well.").add(engine.getUploads());
  to.counter("ssh_transfer_bytes_total", "Bytes of files that were moved.")
      .add(static_cast<double>(engine.getUploadBytes()), {{"direction", "upload"}})
      .add(static_cast<double>(engine.getDownloadBytes()), {{"direction", "download"}});
  to.gauge("ssh_transfer_running_count", "Transfers under way.").add(engine.getTransfersRunning());
}

}  // namespace cbs::http
