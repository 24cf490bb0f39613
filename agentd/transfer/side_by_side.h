// Keeps several pieces of a transfer under way, so that neither a round trip nor a disk holds the rest up.
#pragma once

#include "common/error.h"
#include "common/task.h"

#include <kj/function.h>

namespace cbs::transfer {

// Moves one piece; false: there was none left.
using MovePiece = kj::Function<Task<Expected<bool>>()>;

// How many pieces of `pieceSize` are to be under way for a file of `size` bytes.
unsigned piecesAtOnce(uint64_t size, size_t pieceSize);

// Repeats `movePiece` `count` times side by side until no piece is left. With the first failure the others are given
// up, and it is the result.
Task<Expected<void>> sideBySide(unsigned count, MovePiece movePiece);

}  // namespace cbs::transfer
