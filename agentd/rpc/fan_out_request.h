// What callers ask of many hosts at once, as it is understood.
#pragma once

#include "agentd/core/fan_plan.h"
#include "agentd/rpc/host_work.h"
#include "agentd/rpc/services.h"
#include "schema/agent.capnp.h"

namespace cbs::rpc {

// Throws badRequest (common/not_allowed.h) if it makes no sense as a whole.
void requireSense(schema::FanOutRequest::Reader request);

// How the hosts take turns, from `now` on: within what the daemon's configuration allows.
core::FanLimits fanLimitsOf(schema::FanOutRequest::Reader request, const Config& config, kj::TimePoint now);

// What is to be done on them. It keeps nothing of `request`.
kj::Own<HostWorks> hostWorksOf(Services& services, const Caller& caller, schema::FanOutRequest::Reader request);

}  // namespace cbs::rpc
