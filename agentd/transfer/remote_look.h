// Looks at what is on a host in the places of entries.
#pragma once

#include "agentd/transfer/remote_target.h"
#include "agentd/transfer/sink.h"

#include <vector>

namespace cbs::transfer {

// As Sink::look. `target` outlives the task.
Task<std::vector<Sink::Standing>> lookAt(RemoteTarget& target, std::vector<Entry> entries);

}  // namespace cbs::transfer
