// What the log tells of jobs as such; of their attempts Trail does.
#pragma once

#include "agentd/queue/job_keeper.h"
#include "agentd/rpc/audit_log.h"
#include "agentd/rpc/caller.h"

namespace cbs::rpc {

void logJobSubmitted(const queue::Added& added, const Caller& caller, std::string_view target);
// Puts it on record as well.
void logJobRefused(AuditLog& audit, const Error& why, const Caller& caller, std::string_view target);
void logJobEnded(const queue::Ending& ending);

}  // namespace cbs::rpc
