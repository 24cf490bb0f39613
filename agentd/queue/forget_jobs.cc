#include "agentd/queue/forget_jobs.h"

#include <string>
#include <utility>

namespace cbs::queue {
namespace {

// How many jobs have ended, and how large their logs are.
struct Stock {
  uint64_t jobs = 0;
  uint64_t logBytes = 0;
};

struct Candidate {
  uint64_t number;
  uint64_t endedMs;
  Journal::Forgotten job;
};

Stock stockOf(Database& database) {
  Stock stock;
  auto row = database.prepare("SELECT COUNT(*), CAST(TOTAL(log_bytes) AS INTEGER) FROM jobs WHERE state = 3");
  if (row.next()) stock = {row.number(), row.number()};
  return stock;
}

// The oldest that nobody waits for.
std::vector<Candidate> candidates(Database& database, size_t most) {
  auto row = database.prepare(
      "SELECT number, ended_ms, id, log_bytes FROM jobs WHERE state = 3 AND NOT EXISTS ("
      "SELECT 1 FROM dependencies JOIN jobs AS waiting ON waiting.number = job "
      "WHERE after = jobs.id AND waiting.state <> 3) ORDER BY ended_ms, number LIMIT ?");
  row.number(most);
  std::vector<Candidate> found;
  while (row.next()) {
    uint64_t number = row.number();
    uint64_t endedMs = row.number();
    std::string id = row.text();
    found.push_back({number, endedMs, {std::move(id), row.number()}});
  }
  return found;
}

void remove(Database& database, uint64_t number) {
  for (const char* sql :
       {"DELETE FROM jobs WHERE number = ?", "DELETE FROM assignments WHERE job = ?", "DELETE FROM logs WHERE job = ?",
        "DELETE FROM labels WHERE job = ?", "DELETE FROM dependencies WHERE job = ?"}) {
    database.prepare(sql).number(number).run();
  }
}

// Of the oldest jobs that have one.
std::vector<Candidate> withLog(Database& database, size_t most) {
  auto row = database.prepare(
      "SELECT number, id, log_bytes FROM jobs WHERE state = 3 AND log_bytes > 0 ORDER BY ended_ms, number LIMIT ?");
  row.number(most);
  std::vector<Candidate> found;
  while (row.next()) {
    uint64_t number = row.number();
    std::string id = row.text();
    found.push_back({number, 0, {std::move(id), row.number()}});
  }
  return found;
}

void dropLog(Database& database, uint64_t number) {
  database
      .prepare(
          "UPDATE jobs SET log_dropped_bytes = log_dropped_bytes + log_bytes, log_bytes = 0, log_in_file = 0 "
          "WHERE number = ?")
      .number(number)
      .run();
  database.prepare("DELETE FROM logs WHERE job = ?").number(number).run();
}

}  // namespace

std::vector<Journal::Forgotten> forgetJobs(Database& database, const Journal::Retention& retention, size_t most) {
  Stock stock = stockOf(database);
  std::vector<Journal::Forgotten> forgotten;
  for (auto& candidate : candidates(database, most)) {
    bool isOld = candidate.endedMs < retention.endedBeforeMs;
    if (!isOld && stock.jobs <= retention.mostEnded) break;
    remove(database, candidate.number);
    --stock.jobs;
    stock.logBytes -= candidate.job.logBytes;
    forgotten.push_back(std::move(candidate.job));
  }
  if (stock.logBytes <= retention.mostLogBytes) return forgotten;
  for (auto& candidate : withLog(database, most - forgotten.size())) {
    if (stock.logBytes <= retention.mostLogBytes) break;
    dropLog(database, candidate.number);
    stock.logBytes -= candidate.job.logBytes;
    forgotten.push_back(std::move(candidate.job));
  }
  return forgotten;
}

}  // namespace cbs::queue
