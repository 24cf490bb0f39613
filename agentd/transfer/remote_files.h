// Writes small files on a host, whole or not at all.
#pragma once

#include "agentd/transfer/remote_target.h"

#include <vector>

namespace cbs::transfer {

// As Sink::put. `target` outlives the task.
Task<std::vector<Expected<void>>> putAll(RemoteTarget& target, std::vector<SmallFile> files);

// Removes the temporary files of calls that were dropped.
Task<void> removeTemporaries(RemoteTarget& target);

// What a file is to have, once it is written, that it did not get by being opened with openingMode().
ssh::SftpAttributes finalAttributes(const Options& options, const Entry& file, RecentModes::Mode standing);
// Nobody sees what it holds who must not see the file that it becomes. `standing`: of the file that it replaces.
uint32_t openingMode(const Options& options, const Entry& file, RecentModes::Mode standing);

}  // namespace cbs::transfer
