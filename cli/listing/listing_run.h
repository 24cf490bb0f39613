// Asks for a listing.
#pragma once

#include "cli/listing/listing.h"
#include "common/agent_client.h"
#include "common/task.h"

namespace cbs::cli {

using ListingRequest = capnp::Request<schema::Agent::ListParams, schema::Agent::ListResults>;

// Sends the request, which lacks nothing but its observer, and waits for the end. `client` outlives it.
Task<Listing> runListing(AgentClient& client, ListingRequest request, std::string host);

}  // namespace cbs::cli
