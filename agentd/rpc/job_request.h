// What callers ask for when they submit a job, checked.
#pragma once

#include "agentd/identity/resolver.h"
#include "agentd/queue/journal.h"
#include "schema/agent.capnp.h"

namespace cbs::rpc {

// What tells the jobs of one request apart.
struct JobNames {
  std::string target;
  std::string idempotencyKey;

  // Those of the request itself.
  static JobNames of(schema::JobRequest::Reader request);
  // Of one that is for many targets: a key counts for each target by itself, as `key@target`.
  static JobNames at(std::string target, schema::JobRequest::Reader request);
};

// The job that is asked for, without its id, or usage/badRequest. `nowMs` is the time of day.
Expected<queue::Job> jobOf(schema::JobRequest::Reader request, JobNames names, uint64_t nowMs);

// What it is run with. Of the caller's surroundings it holds what the host's SendEnv and IdentityAgent choose and no
// more, as it goes to the disk.
queue::Assignment assignmentOf(schema::ExecRequest::Reader request, const std::string& target,
                               const identity::Resolved& host, const identity::CallerContext& context);

// Ids or names, or usage/badRequest if there are too many.
Expected<std::vector<std::string>> jobsOf(capnp::List<capnp::Text>::Reader list);

Expected<queue::JobQuery> queryOf(schema::JobFilter::Reader filter);

}  // namespace cbs::rpc
