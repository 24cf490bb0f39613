// The text of `cbsession agent reload`.
#pragma once

#include "schema/agent.capnp.h"

#include <string>

namespace cbs::cli {

std::string changesText(capnp::List<schema::Change>::Reader changes);
// For standard error.
std::string faultsText(capnp::List<schema::ConfigFault>::Reader faults);

}  // namespace cbs::cli
