// The option --priority.
#pragma once

#include "schema/types.capnp.h"

#include <string>

namespace cbs::cli {

// Reads low, normal or high; "" leaves `priority` as it is. Gives what is wrong, or "".
std::string readPriority(const std::string& text, schema::Priority& priority);

}  // namespace cbs::cli
