// What the journal keeps no longer.
#pragma once

#include "agentd/queue/database.h"
#include "agentd/queue/journal.h"

#include <cstddef>
#include <vector>

namespace cbs::queue {

// As Journal::forget, but at most `most` of them: nobody is to wait for a transaction without end. Blocks, and leaves a
// fault in the database.
std::vector<Journal::Forgotten> forgetJobs(Database& database, const Journal::Retention& retention, size_t most);

}  // namespace cbs::queue
