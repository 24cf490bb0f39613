#include "agentd/queue/journal_schema.h"

#include <iterator>
#include <string>

namespace cbs::queue {
namespace {

// A job's row is written three times and read by every list, so what is large or seldom wanted stands apart. `number`
// is what the other tables know it by. Numbers of enums are the schema's: state 3 is `ended`.
constexpr const char* kFirst = R"(
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user INTEGER NOT NULL,
  caller TEXT NOT NULL,
  name TEXT NOT NULL,
  target TEXT NOT NULL,
  host TEXT NOT NULL,
  command TEXT NOT NULL,
  priority INTEGER NOT NULL,
  idempotent INTEGER NOT NULL,
  cancelled INTEGER NOT NULL DEFAULT 0,
  retries INTEGER NOT NULL,
  idempotency_key TEXT NOT NULL,
  submitted_ms INTEGER NOT NULL,
  deadline_ms INTEGER NOT NULL,
  not_before_ms INTEGER NOT NULL,
  started_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  log_bytes INTEGER NOT NULL,
  log_dropped_bytes INTEGER NOT NULL,
  outcome BLOB NOT NULL,
  succeeded INTEGER NOT NULL DEFAULT 0,
  log_in_file INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX keys ON jobs (user, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX names ON jobs (name, id) WHERE name <> '';
CREATE INDEX targets ON jobs (target, id);
CREATE INDEX unended ON jobs (id) WHERE state <> 3;
CREATE INDEX ended ON jobs (ended_ms, number, log_bytes) WHERE state = 3;
CREATE INDEX failed ON jobs (id) WHERE state = 3 AND succeeded = 0;
CREATE INDEX log_files ON jobs (id) WHERE log_in_file = 1;

CREATE TABLE labels (
  job INTEGER NOT NULL,
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (job, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX labelled ON labels (name, value, job);

CREATE TABLE dependencies (
  job INTEGER NOT NULL,
  place INTEGER NOT NULL,
  after TEXT NOT NULL,
  must_succeed INTEGER NOT NULL,
  PRIMARY KEY (job, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependents ON dependencies (after, job);

CREATE TABLE assignments (
  job INTEGER PRIMARY KEY,
  request BLOB NOT NULL,
  context BLOB NOT NULL
) STRICT;

CREATE TABLE logs (
  job INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;
)";

// Each takes a database from the version that is its place here to the next. The version is SQLite's user_version; 0 is
// an empty database.
constexpr const char* kSteps[] = {kFirst};
constexpr uint64_t kNewest = std::size(kSteps);

uint64_t numberFrom(Database& database, const std::string& sql) {
  auto query = database.prepareOnce(sql);
  return query.next() ? query.number() : 0;
}

}  // namespace

Expected<void> bringUpToDate(Database& database) {
  uint64_t version = numberFrom(database, "PRAGMA user_version");
  bool isForeign = version == 0 && numberFrom(database, "SELECT COUNT(*) FROM sqlite_schema") > 0;
  if (database.isFaulty()) return {};
  if (isForeign) return fail(database.error("it is no journal of jobs"));
  if (version > kNewest) {
    return fail(database.error("a newer version of cbsession has written it (format " + std::to_string(version) +
                               "; this one knows " + std::to_string(kNewest) + ")"));
  }
  if (version == kNewest) return {};
  database.run("BEGIN IMMEDIATE");
  for (; version < kNewest; ++version) database.run(kSteps[version]);
  database.run(("PRAGMA user_version = " + std::to_string(kNewest)).c_str());
  database.run("COMMIT");
  return {};
}

}  // namespace cbs::queue
