// The text of `cbsession jobs`.
#pragma once

#include "schema/agent.capnp.h"

#include <string>

namespace cbs::cli {

// `queued`, `after ID`, `again in 3.0 s`, `running 12.0 s`, `exited 3`, `killed TERM`, `unreachable`: a few words.
std::string jobStateText(schema::JobInfo::Reader job, uint64_t nowMs);

// How a command ended, as in jobStateText.
std::string outcomeText(schema::Outcome::Reader outcome);

// A line for each job, cut to `columns`; 0: not at all. `nowMs` is the time of day.
std::string jobTable(capnp::List<schema::JobInfo>::Reader jobs, uint64_t nowMs, size_t columns);

}  // namespace cbs::cli
