// What callers ask for: commands, their queue, jobs, many hosts at once.

#include "agentd/http/metrics.h"
#include "common/error.h"

namespace cbs::http {

void addCommandMetrics(schema::Stats::Reader stats, Families& to) {
  to.histogram("ssh_command_execution_time_seconds", "How long commands took, from the request to their status.")
      .add(stats.getCommandTimes());
  auto& outcomes = to.counter("ssh_command_outcomes_total",
                              "What became of commands and of attempts at jobs; succeeded is status 0.");
  for (auto outcome : stats.getOutcomes()) {
    outcomes.add(static_cast<double>(outcome.getCount()), {{"outcome", labelValue(outcome.getOutcome().cStr())}});
  }
  to.gauge("ssh_command_running_count", "Commands that run.").add(stats.getEngine().getCommandsRunning());
}

void addQueueMetrics(schema::Stats::Reader stats, Families& to) {
  auto queue = stats.getQueue();
  to.gauge("cbsession_queue_depth", "Commands and transfers that wait for a lane.").add(queue.getDepth());
  to.gauge("cbsession_queue_capacity", "How many may wait.").add(stats.getLimits().getQueueCapacity());
  to.gauge("cbsession_queue_active_count", "Lanes at work.").add(queue.getActive());
  to.gauge("cbsession_queue_lanes", "Lanes that are there.").add(queue.getLanes());
  to.histogram("cbsession_queue_wait_time_seconds", "How long commands and transfers waited for a lane.")
      .add(stats.getQueueWaits());
  to.counter("cbsession_queue_accepted_total", "Commands and transfers that were taken on.")
      .add(static_cast<double>(queue.getAccepted()));
  auto& rejections =
      to.counter("cbsession_queue_rejections_total", "Commands, transfers and jobs that were refused, by the reason.");
  for (auto rejection : queue.getRejections()) {
    rejections.add(static_cast<double>(rejection.getCount()), {{"reason", std::string(nameOf(rejection.getReason()))}});
  }
  to.counter("cbsession_queue_expired_total", "Commands and transfers whose time was up before they got a lane.")
      .add(static_cast<double>(queue.getExpired()));
}

void addJobMetrics(schema::Stats::Reader stats, Families& to) {
  auto queue = stats.getQueue();
  to.gauge("cbsession_jobs_waiting_count", "Jobs that wait: for a lane, other jobs or another attempt.")
      .add(static_cast<double>(queue.getJobsWaiting()));
  to.gauge("cbsession_jobs_running_count", "Jobs that run.").add(static_cast<double>(queue.getJobsRunning()));
  to.counter("cbsession_jobs_ended_total", "Jobs that have ended.").add(static_cast<double>(queue.getJobsEnded()));
  to.counter("cbsession_jobs_rejected_total", "Jobs that were refused.")
      .add(static_cast<double>(queue.getJobsRejected()));
}

void addFanOutMetrics(schema::Stats::Reader stats, Families& to) {
  auto queue = stats.getQueue();
  to.gauge("cbsession_fan_outs_running_count", "Commands and uploads on many hosts that are under way.")
      .add(queue.getFanOuts());
  to.gauge("cbsession_fan_out_hosts_running_count", "Hosts of them on which something runs.")
      .add(queue.getFanOutHostsRunning());
  to.gauge("cbsession_fan_out_hosts_waiting_count", "Hosts of them whose turn has not come.")
      .add(static_cast<double>(queue.getFanOutHostsWaiting()));
  to.counter("cbsession_fan_out_hosts_ended_total", "Hosts of them that have ended, or will not have a turn.")
      .add(static_cast<double>(queue.getFanOutHostsEnded()));
}

}  // namespace cbs::http
