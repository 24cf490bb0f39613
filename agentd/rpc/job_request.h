// What callers ask for when they submit a job, checked.
#pragma once

#include "agentd/identity/resolver.h"
#include "agentd/queue/journal.h"
#include "schema/agent.capnp.h"

namespace cbs::rpc {

// The job that is asked for, without its id, or usage/badRequest. `nowMs` is the time of day.
Expected<queue::Job> jobOf(schema::JobRequest::Reader request, uint64_t nowMs);

// What it is run with. Of the caller's surroundings it holds what the host's SendEnv and IdentityAgent choose and no
// more, as it goes to the disk.
queue::Assignment assignmentOf(schema::ExecRequest::Reader request, const identity::Resolved& host,
                               const identity::CallerContext& context);

// Ids or names, or usage/badRequest if there are too many.
Expected<std::vector<std::string>> jobsOf(capnp::List<capnp::Text>::Reader list);

Expected<queue::JobQuery> queryOf(schema::JobFilter::Reader filter);

}  // namespace cbs::rpc
