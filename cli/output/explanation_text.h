// The text of `cbsession explain`.
#pragma once

#include "schema/agent.capnp.h"

#include <string>
#include <string_view>

namespace cbs::cli {

// `home`: the caller's home, which is shown as `~`; empty: nothing is.
std::string explanationText(schema::Explanation::Reader explanation, std::string_view home);

}  // namespace cbs::cli
