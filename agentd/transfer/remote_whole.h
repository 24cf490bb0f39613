// Reads small files of a host as a whole.
#pragma once

#include "agentd/transfer/closing.h"
#include "agentd/transfer/entry.h"
#include "agentd/transfer/streams.h"

#include <string>

namespace cbs::transfer {

// What is in the file at `path`, which is `size` bytes large and fails with remoteIo if it is not. A file of size 0, as
// those of /proc are, may have up to kSmallFile bytes. What is referred to outlives the task.
Task<Expected<Bytes>> readWholeFile(Streams& streams, Closing& closing, std::string path, uint64_t size);

}  // namespace cbs::transfer
