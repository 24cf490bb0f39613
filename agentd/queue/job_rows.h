// Jobs as they stand in the journal's tables.
#pragma once

#include "agentd/queue/database.h"
#include "agentd/queue/job.h"
#include "agentd/queue/journal.h"

#include <optional>
#include <string>
#include <vector>

namespace cbs::queue {

// Each blocks, and leaves a fault in the database.

// The number of a job, by its id, else by its name: the youngest of that name.
std::optional<uint64_t> numberOfJob(Database& database, const std::string& idOrName);

std::optional<Job> findJob(Database& database, const std::string& idOrName);

// What comes between SELECT and WHERE.
extern const std::string kColumnsOfJobs;
// All that a statement with those columns finds.
std::vector<Job> jobsIn(Database& database, Statement& rows);

// As Journal::contents.
Journal::Contents contentsOf(Database& database);

}  // namespace cbs::queue
