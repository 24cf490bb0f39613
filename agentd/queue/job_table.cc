#include "agentd/queue/job_table.h"

namespace cbs::queue {
namespace {

tl::unexpected<Error> notFound(const std::string& id) {
  return fail(
      Error{ErrorKind::USAGE, Reason::JOB_NOT_FOUND, "there is no such job that has not ended"}.with("job", id));
}

// The job that has a key already; what it asks for must be the same.
std::optional<Expected<Added>> withKey(Database& database, const Job& job, const std::string& request) {
  if (job.idempotencyKey.empty()) return std::nullopt;
  auto row = database.prepare(
      "SELECT id, request FROM jobs JOIN assignments ON job = number "
      "WHERE user = ? AND idempotency_key = ? AND idempotency_key <> ''");
  if (!row.number(job.user).text(job.idempotencyKey).next()) return std::nullopt;
  std::string id = row.text();
  if (row.text() == request) return Added{.id = id, .existing = true};
  return fail(Error{ErrorKind::USAGE, Reason::IDEMPOTENCY_KEY_TAKEN, ""}.with("job", id));
}

void insertRow(Database& database, const Job& job) {
  auto row = database.prepare(
      "INSERT INTO jobs (id, user, caller, name, target, host, command, priority, idempotent, retries, "
      "idempotency_key, "
      "submitted_ms, deadline_ms, not_before_ms, started_ms, ended_ms, state, attempts, log_bytes, log_dropped_bytes, "
      "outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  row.text(job.id).number(job.user).text(job.caller).text(job.name).text(job.target).text(job.host).text(job.command);
  row.number(static_cast<uint64_t>(job.priority)).number(job.idempotent ? 1 : 0).number(job.retries);
  row.text(job.idempotencyKey).number(job.submittedMs).number(job.deadlineMs).number(job.notBeforeMs);
  row.number(job.startedMs).number(job.endedMs).number(static_cast<uint64_t>(job.state)).number(job.attempts);
  row.number(job.logBytes).number(job.logDroppedBytes).bytes(job.outcome).run();
}

void insertLabels(Database& database, uint64_t number, const Job& job) {
  for (size_t i = 0; i < job.labels.size(); ++i) {
    const auto& [name, value] = job.labels[i];
    auto row = database.prepare("INSERT INTO labels (job, place, name, value) VALUES (?, ?, ?, ?)");
    row.number(number).number(i).text(name).text(value).run();
  }
}

void insertDependencies(Database& database, uint64_t number, const Job& job) {
  for (size_t i = 0; i < job.after.size(); ++i) {
    auto row = database.prepare("INSERT INTO dependencies (job, place, after, must_succeed) VALUES (?, ?, ?, ?)");
    row.number(number).number(i).text(job.after[i].job).number(job.after[i].mustSucceed ? 1 : 0).run();
  }
}

void insertAssignment(Database& database, uint64_t number, const Assignment& assignment) {
  auto row = database.prepare("INSERT INTO assignments (job, request, context) VALUES (?, ?, ?)");
  row.number(number).bytes(assignment.request).bytes(assignment.context).run();
}

void insertLog(Database& database, uint64_t number, const std::string& log) {
  auto row = database.prepare("INSERT INTO logs (job, bytes) VALUES (?, ?)");
  row.number(number).bytes(log).run();
}

std::optional<uint64_t> updateEnded(Database& database, const Ending& ending, bool inFile) {
  auto row = database.prepare(
      "UPDATE jobs SET state = 3, ended_ms = ?, attempts = MAX(attempts, ?), outcome = ?, succeeded = ?, log_bytes = "
      "?, log_dropped_bytes = ?, "
      "log_in_file = ? WHERE id = ? AND state <> 3 RETURNING number");
  row.number(ending.endedMs)
      .number(ending.attempts)
      .bytes(ending.outcome)
      .number(ending.succeeded ? 1 : 0)
      .number(ending.logBytes);
  row.number(ending.logDroppedBytes).number(inFile ? 1 : 0).text(ending.id);
  return row.next() ? std::optional(row.number()) : std::nullopt;
}

// What is left is what a job of the same idempotency key is compared with.
void dropAssignment(Database& database, uint64_t number) {
  database.prepare("UPDATE assignments SET context = x'' WHERE job = ?").number(number).run();
  database
      .prepare(
          "DELETE FROM assignments WHERE job = ? AND EXISTS ("
          "SELECT 1 FROM jobs WHERE number = ? AND idempotency_key = '')")
      .number(number)
      .number(number)
      .run();
}

}  // namespace

Expected<Added> addJob(Database& database, const Job& job, const Assignment& assignment) {
  if (auto existing = withKey(database, job, assignment.request)) return std::move(*existing);
  insertRow(database, job);
  auto number = static_cast<uint64_t>(database.lastRow());
  insertAssignment(database, number, assignment);
  insertLabels(database, number, job);
  insertDependencies(database, number, job);
  return Added{.id = job.id};
}

Expected<Assignment> assignmentOf(Database& database, const std::string& id) {
  auto row = database.prepare("SELECT request, context FROM jobs JOIN assignments ON job = number WHERE id = ?");
  if (!row.text(id).next()) return notFound(id);
  auto request = row.text();
  return Assignment{.request = std::move(request), .context = row.text()};
}

Expected<void> startJob(Database& database, const std::string& id, uint32_t attempts, uint64_t startedMs) {
  auto row = database.prepare(
      "UPDATE jobs SET state = 2, attempts = ?, started_ms = ? WHERE id = ? AND state <> 3 RETURNING number");
  if (!row.number(attempts).number(startedMs).text(id).run()) return notFound(id);
  return {};
}

Expected<void> cancelJob(Database& database, const std::string& id) {
  auto row = database.prepare("UPDATE jobs SET cancelled = 1 WHERE id = ? AND state <> 3 RETURNING number");
  if (!row.text(id).run()) return notFound(id);
  return {};
}

Expected<void> requeueJob(Database& database, const std::string& id, uint32_t attempts, uint64_t notBeforeMs) {
  auto row = database.prepare(
      "UPDATE jobs SET state = 0, attempts = ?, not_before_ms = ? WHERE id = ? AND state <> 3 RETURNING number");
  if (!row.number(attempts).number(notBeforeMs).text(id).run()) return notFound(id);
  return {};
}

// A log that is gone, or cannot be had, is no reason to leave the job without its end.
Expected<void> endJob(Transaction& transaction, Ending ending) {
  bool inFile = false;
  if (!ending.logFile.empty()) {
    auto synced = transaction.syncFile(ending.logFile);
    if (!synced) return fail(std::move(synced.error()));
    inFile = *synced;
    if (!inFile) ending.logDroppedBytes += std::exchange(ending.logBytes, 0);
  }
  auto number = updateEnded(transaction.database(), ending, inFile);
  if (!number) return notFound(ending.id);
  if (ending.log) insertLog(transaction.database(), *number, *ending.log);
  dropAssignment(transaction.database(), *number);
  return {};
}

std::optional<std::string> logOfJob(Database& database, const std::string& id) {
  auto row = database.prepare("SELECT bytes FROM jobs JOIN logs ON job = number WHERE id = ?");
  if (!row.text(id).next()) return std::nullopt;
  return row.text();
}

}  // namespace cbs::queue
