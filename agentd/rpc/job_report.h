// Jobs, as callers are told of them.
#pragma once

#include "agentd/queue/job_keeper.h"
#include "schema/agent.capnp.h"

namespace cbs::rpc {

// Of very many without what is long.
void encode(const std::vector<queue::Job>& jobs, capnp::List<schema::JobInfo>::Builder to);
// Cuts a list to what one answer may hold, and gives how many are left. They are encoded whole.
size_t cutToAnswer(std::vector<queue::Job>& jobs);
void encodePage(const std::vector<queue::Job>& jobs, capnp::List<schema::JobInfo>::Builder to);
void encode(const queue::LogPart& part, schema::LogPart::Builder to);

}  // namespace cbs::rpc
