// What a host's pool asks of the whole.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <map>

namespace cbs::pool {

class HostPool;
struct Member;

// Sums since the start.
struct PoolCounters {
  uint64_t created = 0;
  uint64_t reused = 0;
  uint64_t closed = 0;
  std::map<Reason, uint64_t> failures;
};

class Instance {
 public:
  // A place for one more connection; the one that is idle for longest may be closed for it. Without one the host gets
  // serve() called when it is its turn.
  virtual bool takePlace(HostPool& host) = 0;
  // A connection has ended, or was not made.
  virtual void givePlaceBack() = 0;
  // The life of a connection: it is there, and busy; has nothing to do; has something to do again; is gone.
  virtual void joined(Member& member) = 0;
  virtual void becameIdle(Member& member) = 0;
  virtual void becameBusy(Member& member) = 0;
  virtual void left(Member& member) = 0;

  virtual PoolCounters& count() = 0;
  // 64 even bits.
  virtual uint64_t random() = 0;

 protected:
  ~Instance() = default;
};

}  // namespace cbs::pool
