// The text of `cbsession health`.
#pragma once

#include "common/error.h"
#include "schema/agent.capnp.h"

#include <string>

namespace cbs::cli {

// `nowMs` is the time of day.
std::string healthText(schema::Health::Reader health, uint64_t nowMs);

// The health of a daemon that cannot be asked.
void describeDown(const Error& why, schema::Health::Builder to);

}  // namespace cbs::cli
