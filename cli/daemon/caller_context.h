// What the daemon is told of our surroundings.
#pragma once

#include "schema/agent.capnp.h"

namespace cbs::cli {

void describeCaller(schema::CallerContext::Builder to);

}  // namespace cbs::cli
