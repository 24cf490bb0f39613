#include "agentd/queue/job_rows.h"

#include <utility>

namespace cbs::queue {
namespace {

std::vector<std::pair<std::string, std::string>> labelsOf(Database& database, uint64_t number) {
  auto row = database.prepare("SELECT name, value FROM labels WHERE job = ? ORDER BY place");
  row.number(number);
  std::vector<std::pair<std::string, std::string>> labels;
  while (row.next()) {
    auto name = row.text();
    labels.emplace_back(std::move(name), row.text());
  }
  return labels;
}

std::vector<Dependency> dependenciesOf(Database& database, uint64_t number) {
  auto row = database.prepare("SELECT after, must_succeed FROM dependencies WHERE job = ? ORDER BY place");
  row.number(number);
  std::vector<Dependency> dependencies;
  while (row.next()) {
    auto job = row.text();
    dependencies.push_back({std::move(job), row.number() != 0});
  }
  return dependencies;
}

// The columns are JOB_COLUMNS.
Job jobIn(Database& database, Statement& row) {
  Job job;
  uint64_t number = row.number();
  job.id = row.text();
  job.user = static_cast<uint32_t>(row.number());
  job.caller = row.text();
  job.name = row.text();
  job.target = row.text();
  job.host = row.text();
  job.command = row.text();
  job.priority = static_cast<schema::Priority>(row.number());
  job.idempotent = row.number() != 0;
  job.cancelled = row.number() != 0;
  job.retries = static_cast<uint32_t>(row.number());
  job.idempotencyKey = row.text();
  job.submittedMs = row.number();
  job.deadlineMs = row.number();
  job.notBeforeMs = row.number();
  job.startedMs = row.number();
  job.endedMs = row.number();
  job.state = static_cast<schema::JobState>(row.number());
  job.attempts = static_cast<uint32_t>(row.number());
  job.logBytes = row.number();
  job.logDroppedBytes = row.number();
  job.outcome = row.text();
  job.labels = labelsOf(database, number);
  job.after = dependenciesOf(database, number);
  return job;
}

}  // namespace

const std::string kColumnsOfJobs =
    "number, id, user, caller, name, target, host, command, priority, idempotent, cancelled, retries, idempotency_key, "
    "submitted_ms, "
    "deadline_ms, not_before_ms, started_ms, ended_ms, state, attempts, log_bytes, log_dropped_bytes, outcome FROM "
    "jobs ";

std::vector<Job> jobsIn(Database& database, Statement& rows) {
  std::vector<Job> jobs;
  while (rows.next()) jobs.push_back(jobIn(database, rows));
  return jobs;
}

std::optional<uint64_t> numberOfJob(Database& database, const std::string& idOrName) {
  auto withId = database.prepare("SELECT number FROM jobs WHERE id = ?");
  if (withId.text(idOrName).next()) return withId.number();
  auto named = database.prepare("SELECT number FROM jobs WHERE name = ? AND name <> '' ORDER BY id DESC LIMIT 1");
  if (named.text(idOrName).next()) return named.number();
  return std::nullopt;
}

std::optional<Job> findJob(Database& database, const std::string& idOrName) {
  static const std::string kSelect = "SELECT " + kColumnsOfJobs + "WHERE number = ?";
  auto number = numberOfJob(database, idOrName);
  if (!number) return std::nullopt;
  auto row = database.prepare(kSelect);
  if (!row.number(*number).next()) return std::nullopt;
  return jobIn(database, row);
}

Journal::Contents contentsOf(Database& database) {
  Journal::Contents contents;
  auto unended = database.prepareOnce("SELECT " + kColumnsOfJobs + "WHERE state <> 3 ORDER BY id");
  contents.unended = jobsIn(database, unended);
  auto youngest = database.prepareOnce("SELECT id FROM jobs ORDER BY id DESC LIMIT 1");
  if (youngest.next()) contents.youngestId = youngest.text();
  auto logs = database.prepareOnce("SELECT CAST(TOTAL(log_bytes) AS INTEGER) FROM jobs WHERE state = 3");
  if (logs.next()) contents.logBytes = logs.number();
  auto files = database.prepareOnce("SELECT id FROM jobs WHERE log_in_file = 1 ORDER BY id");
  while (files.next()) contents.logFiles.push_back(files.text());
  return contents;
}

}  // namespace cbs::queue
