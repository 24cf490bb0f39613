// What the daemon answers, in the types of the library.
#pragma once

#include "common/error.h"
#include "schema/agent.capnp.h"

#include <cbsession/types.h>

namespace cbs::client {

cbsession::Failure failureOf(const Error& error);

void readOutcome(schema::Outcome::Reader from, cbsession::Outcome& to);
cbsession::JobInfo readJob(schema::JobInfo::Reader from);
std::vector<cbsession::JobInfo> readJobs(capnp::List<schema::JobInfo>::Reader from);

std::string_view viewOf(capnp::Data::Reader bytes);

}  // namespace cbs::client
