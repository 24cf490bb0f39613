// Tells by their content which files need not be moved.
#pragma once

#include "agentd/transfer/move_state.h"

#include <vector>

namespace cbs::transfer {

// Takes out those that are to be compared and are the same on both sides, and those that are other names of files
// (they become hard links). Gives the rest: what is to be moved. Fails with what ends the transfer.
Task<Expected<std::vector<Entry>>> withoutUnchanged(MoveState& state, std::vector<QueuedFile> files);

}  // namespace cbs::transfer
