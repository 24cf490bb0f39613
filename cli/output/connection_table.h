// The text of `cbsession connections`.
#pragma once

#include "schema/types.capnp.h"

#include <string>

namespace cbs::cli {

std::string connectionTable(capnp::List<schema::ConnectionInfo>::Reader connections);

}  // namespace cbs::cli
