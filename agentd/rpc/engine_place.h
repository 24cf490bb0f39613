// Tells an engine of files on a host.
#pragma once

#include "agentd/rpc/admission.h"
#include "schema/agent.capnp.h"
#include "schema/engine.capnp.h"

namespace cbs::rpc {

// Fills in where the host is, on whose behalf, and the paths there.
void describePlace(const Destination& host, schema::RemotePlace::Reader place, uint64_t connectTimeoutMs,
                   schema::Place::Builder to);

}  // namespace cbs::rpc
