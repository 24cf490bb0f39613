// Asks OpenSSH why its configuration says what it says about a host.
#pragma once

#include "agentd/identity/config_query.h"
#include "agentd/identity/config_settings.h"
#include "common/task.h"

#include <vector>

namespace cbs::identity {

// Two processes of `ssh`, and its files are read: for a person, not for every command. `query` outlives the task. Fails
// with unreachable/configUnusable in ssh's own words.
Task<Expected<std::vector<ConfigSetting>>> explainConfig(ConfigQuery& query, core::Target target);

}  // namespace cbs::identity
