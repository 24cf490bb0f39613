// The text of `cbsession explain`.
#pragma once

#include "schema/agent.capnp.h"

#include <string>

namespace cbs::cli {

std::string explanationText(schema::Explanation::Reader explanation);

}  // namespace cbs::cli
