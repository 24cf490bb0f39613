// Moves files that are too large for one message, and gives up those that are not finished.
#pragma once

#include "agentd/transfer/move_state.h"

namespace cbs::transfer {

// How many of the following are to run side by side.
constexpr unsigned kLargeFilesAtOnce = 4;

// Moves one large file after the other until no more come. Fails with what ends the transfer.
Task<Expected<void>> moveLargeFiles(MoveState& state);

// Gives up what is being written, side by side; the paths of parts that stay are added to the state's as they are
// known. When nobody writes to it any more.
Task<void> leaveWriters(MoveState& state);

}  // namespace cbs::transfer
