// The list of jobs, which the daemon gives in parts.
#pragma once

#include "cli/jobs/job_filter.h"
#include "cli/session.h"

namespace cbs::cli {

struct JobListing {
  kj::Own<schema::Agent::JobsResults::Reader> answer;

  bool more() const { return answer->getMore(); }  // there are older ones that the filter lets through
  capnp::List<schema::JobInfo>::Reader list() const { return answer->getJobs(); }
};

// Asks for part after part until there are as many as `options` want, or no more. Fails with usage/jobNotFound if one
// that `options` name is not there, or as Session::ask.
Expected<JobListing> listJobs(Session& session, const JobFilterOptions& options);

}  // namespace cbs::cli
