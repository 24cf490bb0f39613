// Reads what `ssh -G` prints.
#pragma once

#include "agentd/identity/host_config.h"
#include "common/error.h"

#include <string_view>

namespace cbs::identity {

// Fails with unreachable/configUnusable if the output lacks what a host cannot do without. Lines that it does not know
// are skipped.
Expected<HostConfig> parseHostConfig(std::string_view output);

}  // namespace cbs::identity
