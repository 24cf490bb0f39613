// What `submit` was asked to do.
#pragma once

#include "cli/exec/exec_options.h"
#include "cli/jobs/label.h"

namespace cbs::cli {

struct SubmitOptions {
  ExecOptions exec;
  std::string name;
  std::vector<TypedLabel> labels;
  std::vector<std::string> after;     // ids or names; they must have exited with 0
  std::vector<std::string> afterAny;  // …; they must have ended
  std::string idempotencyKey;
  uint64_t deadlineMs = 0;
};

void describeJob(const SubmitOptions& options, schema::JobRequest::Builder to);

}  // namespace cbs::cli
