// Lists of jobs.
#pragma once

#include "agentd/queue/database.h"
#include "agentd/queue/job.h"
#include "agentd/queue/journal.h"

#include <vector>

namespace cbs::queue {

// As Journal::list. Blocks, and leaves a fault in the database.
std::vector<Job> listJobs(Database& database, const JobQuery& query);

}  // namespace cbs::queue
