// How much room a folder's disk has.
#pragma once

#include <cstdint>
#include <string>

namespace cbs::telemetry {

struct DiskRoom {
  uint64_t freeBytes = 0;  // for those who are not root
  uint64_t sizeBytes = 0;  // 0: not known
};

// Of `folder`, or where it is not there yet, of the one that it would be made in. Blocks as long as the disk does.
DiskRoom roomAt(std::string folder);

}  // namespace cbs::telemetry
