// What happens to jobs, as it is written into the journal's tables.
#pragma once

#include "agentd/queue/journal.h"
#include "agentd/queue/transaction.h"

#include <optional>
#include <string>

namespace cbs::queue {

// Each is the part of Journal of that name, blocks, and leaves a fault in the transaction's database. A job that is not
// there, or has ended, cannot be started, put back or ended: usage/jobNotFound with the fact `job`.

Expected<Added> addJob(Database& database, const Job& job, const Assignment& assignment);
Expected<Assignment> assignmentOf(Database& database, const std::string& id);
Expected<void> startJob(Database& database, const std::string& id, uint32_t attempts, uint64_t startedMs);
Expected<void> cancelJob(Database& database, const std::string& id);
Expected<void> requeueJob(Database& database, const std::string& id, uint32_t attempts, uint64_t notBeforeMs);
Expected<void> endJob(Transaction& transaction, Ending ending);
std::optional<std::string> logOfJob(Database& database, const std::string& id);

}  // namespace cbs::queue
