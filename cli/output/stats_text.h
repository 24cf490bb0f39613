// The text of `cbsession stats`.
#pragma once

#include "schema/agent.capnp.h"

#include <string>

namespace cbs::cli {

std::string statsText(schema::Stats::Reader stats);

}  // namespace cbs::cli
