// Further names of files.
#pragma once

#include "agentd/transfer/move_state.h"

namespace cbs::transfer {

// As many are held back while the files that they name are on their way.
constexpr size_t kHardLinksHeld = 4096;

// Makes those that were held back. To be called when no file is queued or under way. Fails with what ends the transfer.
Task<Expected<void>> makeHardLinks(MoveState& state);

}  // namespace cbs::transfer
