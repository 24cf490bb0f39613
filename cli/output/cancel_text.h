// The text and the JSON of `cbsession cancel`.
#pragma once

#include "schema/agent.capnp.h"

#include <string>

namespace cbs::cli {

// `known` are the same jobs, as they are since; `untilEnd`: as they have ended.
std::string cancelText(capnp::List<schema::Cancelled>::Reader cancelled, capnp::List<schema::JobInfo>::Reader known,
                       bool untilEnd);
std::string cancelJson(capnp::List<schema::Cancelled>::Reader cancelled, capnp::List<schema::JobInfo>::Reader known);

}  // namespace cbs::cli
