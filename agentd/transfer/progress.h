// How far a transfer has come.
#pragma once

#include <cstdint>

namespace cbs::transfer {

struct Progress {
  uint64_t& sum;  // of all transfers in that direction
  uint64_t bytes = 0;
  uint64_t total = 0;

  void add(uint64_t count) {
    bytes += count;
    sum += count;
  }
};

// What has become of the file when a transfer has ended well.
struct Moved {
  uint32_t mode = 0;     // permission bits
  uint64_t mtimeMs = 0;  // since 1970; 0: not known
};

}  // namespace cbs::transfer
