// What a host's pool asks of the whole.
#pragma once

#include "agentd/pool/host_access.h"
#include "agentd/pool/member.h"
#include "agentd/pool/watcher.h"
#include "agentd/telemetry/latency_histogram.h"
#include "common/error.h"
#include "common/task.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace cbs::pool {

// How long things took that went well: the phases of connections, and the opening of session channels. One that is
// reached through others has no name looked up here.
struct PhaseTimes {
  telemetry::LatencyHistogram resolve;
  telemetry::LatencyHistogram connect;
  telemetry::LatencyHistogram handshake;
  telemetry::LatencyHistogram authenticate;
  telemetry::LatencyHistogram open;
};

// Sums since the start.
struct PoolCounters {
  uint64_t created = 0;
  uint64_t reused = 0;
  uint64_t closed = 0;
  std::map<Reason, uint64_t> failures;
  PhaseTimes phases;
};

class Instance {
 public:
  // A place for one more connection; the one that is idle for longest may be closed for it. Without one the host gets
  // serve() called when it is its turn. If it is `onTheWay` of connections that have a place already, it gets one
  // beyond the limit: they would wait for it, and it for them.
  virtual bool takePlace(HostPool& host, bool onTheWay) = 0;
  // Whether there is no place for another one, for nobody.
  virtual bool full() const = 0;
  // A connection has ended, or was not made.
  virtual void givePlaceBack() = 0;
  // The life of a connection: it is there, and busy; has nothing to do; has something to do again; is gone.
  virtual void joined(Member& member) = 0;
  virtual void becameIdle(Member& member) = 0;
  virtual void becameBusy(Member& member) = 0;
  virtual void left(Member& member) = 0;
  // A channel on it has been lent.
  void lent(Member& member, kj::TimePoint now) {
    if (member.served++ > 0) ++count().reused;
    member.usedAt = now;
    becameBusy(member);
  }

  // A place for a tunnel on a connection to a jump host.
  virtual Task<Expected<Reservation>> reserveTunnel(std::shared_ptr<const HostAccess> jump) = 0;
  // Closes the connection that is idle for longest of those that go through the host of that key. Gives whether there
  // was one.
  virtual bool closeIdleBehind(const std::string& key) = 0;

  virtual PoolCounters& count() = 0;
  virtual Watcher& watcher() = 0;
  // 64 even bits.
  virtual uint64_t random() = 0;

 protected:
  ~Instance() = default;
};

}  // namespace cbs::pool
