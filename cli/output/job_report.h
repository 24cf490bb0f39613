// Jobs in `--output json`.
#pragma once

#include "schema/cli.capnp.h"

namespace cbs::cli {

void describeJobReport(schema::JobInfo::Reader job, schema::JobReport::Builder to);

// Prints a JobsReport.
void printJobs(capnp::List<schema::JobInfo>::Reader jobs, bool more);

}  // namespace cbs::cli
