// Ends jobs.
#pragma once

#include "cli/jobs/job_wait.h"

namespace cbs::cli {

// What the daemon did to each job, and what is known of the jobs since, in the same order.
struct CancelledJobs {
  kj::Own<schema::Agent::CancelJobsResults::Reader> answer;
  KnownJobs known;

  capnp::List<schema::Cancelled>::Reader list() const { return answer->getResults(); }
};

// Asks for it and looks at the jobs afterwards; with `untilEnd` when they have ended. Fails with usage/jobNotFound if
// one of `jobs`, which are ids or names, is not there: then nothing has been done. Else as LastingConnection::ask.
Task<Expected<CancelledJobs>> cancelJobs(LastingConnection& connection, std::vector<std::string> jobs, bool untilEnd);

}  // namespace cbs::cli
