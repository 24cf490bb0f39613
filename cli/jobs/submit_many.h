// Submits a job for each of many targets.
#pragma once

#include "cli/jobs/submit_options.h"
#include "cli/session.h"

namespace cbs::cli {

// Prints their ids in the order of the targets, or the report, and gives the exit code: the highest.
int submitMany(Session& session, const SubmitOptions& options, const std::vector<std::string>& targets, bool json);

// What a failure to submit is about: the target, or "" if other jobs, the daemon or the request are at fault.
std::string subjectOfSubmission(const Error& error, const std::string& target);

// That no answer came: the daemon may have taken the job before the connection broke off.
Error unanswered(Error error);

}  // namespace cbs::cli
