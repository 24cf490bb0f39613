// Which jobs `jobs` was asked to list.
#pragma once

#include "cli/jobs/label.h"

#include <cstdint>

namespace cbs::cli {

struct JobFilterOptions {
  std::vector<std::string> jobs;  // ids or names
  std::vector<schema::JobState> states;
  std::vector<TypedLabel> labels;  // one without a value fits any value
  std::string target;
  uint32_t limit = 100;  // 0: all
  bool failed = false;
};

// Reads `queued,waiting,running,ended`, or some of them. The error is a sentence about what was typed.
tl::expected<std::vector<schema::JobState>, std::string> readStates(const std::string& typed);

void describeFilter(const JobFilterOptions& options, schema::JobFilter::Builder to);

}  // namespace cbs::cli
