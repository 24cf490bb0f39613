// Makes folders and links on a host.
#pragma once

#include "agentd/transfer/remote_target.h"

#include <vector>

namespace cbs::transfer {

// As Sink::make. `target` outlives the task.
Task<std::vector<Expected<void>>> makeAll(RemoteTarget& target, std::vector<Entry> entries);

}  // namespace cbs::transfer
