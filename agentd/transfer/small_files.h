// Moves small files, many in one go.
#pragma once

#include "agentd/transfer/move_state.h"

namespace cbs::transfer {

// How many of the following are to run side by side.
constexpr unsigned kGroupsAtOnce = 16;

// Moves one group of small files after the other until no more come. Fails with what ends the transfer.
Task<Expected<void>> moveSmallFiles(MoveState& state);

}  // namespace cbs::transfer
