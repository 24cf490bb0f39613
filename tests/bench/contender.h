// What the storm of connections compares: programs that keep connections to many addresses.
#pragma once

#include <sys/types.h>

namespace cbs::bench {

// How one turn at all addresses went.
struct Turn {
  double seconds = 0;
  // How late the program's event loop was, by its own account, four times a second. Of fewer than a hundred such
  // samples the p99 is the largest.
  double lagP99Ms = 0;
  double lagMaxMs = 0;
};

class Contender {
 public:
  virtual ~Contender() noexcept(false) = default;  // as KJ has it

  virtual pid_t pid() const = 0;

  // Runs `true` at each address, over the connection that is there, else over one that is made and kept. Throws with
  // the first failure.
  virtual Turn takeTurn() = 0;
};

}  // namespace cbs::bench
