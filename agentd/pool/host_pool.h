// Lends channels on the connections to one host.
//
// A caller gets a free channel of a connection that is there, else waits in order while a connection is made: one for
// as many waiting callers as a connection has channels. A connection that refuses a channel (MaxSessions) has its limit
// lowered, and a sibling is made.
#pragma once

#include "agentd/core/breaker.h"
#include "agentd/pool/host_access.h"
#include "agentd/pool/member.h"
#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"

#include <deque>
#include <list>
#include <map>
#include <vector>

namespace cbs::pool {

struct PoolLimits {
  unsigned maxConnections = 1000;
  unsigned maxConnectionsPerHost = 8;
  unsigned maxChannelsPerConnection = 10;
  unsigned maxWaitingPerHost = 10'000;
  kj::Duration maxWait = 5 * kj::MINUTES;  // for a channel, when all are busy
  kj::Duration idleTimeout = 300 * kj::SECONDS;
  kj::Duration cleanupInterval = 60 * kj::SECONDS;
  core::BreakerLimits breaker;
};

// Sums since the start.
struct PoolCounters {
  uint64_t created = 0;
  uint64_t reused = 0;
  uint64_t closed = 0;
  std::map<Reason, uint64_t> failures;
};

// What a host's pool asks of the whole.
class Budget {
 public:
  // Whether one more connection may be made; an idle one of another host may be closed for it.
  virtual bool makeRoom() = 0;
  // A connection has nothing to do any more.
  virtual void becameIdle(Member& member) = 0;
  // A connection has ended: others may have waited for that.
  virtual void connectionEnded() = 0;

 protected:
  ~Budget() = default;
};

class HostPool final : private kj::TaskSet::ErrorHandler {
 public:
  HostPool(Loop loop, const PoolLimits& limits, PoolCounters& counters, Budget& budget);
  KJ_DISALLOW_COPY(HostPool);

  // A channel on a connection to the host. Fails with the error of the connection that could not be made, or with
  // overloaded/poolFull or timedOut/waitTimedOut when all channels stay busy.
  Task<Expected<Lease>> borrow(std::shared_ptr<const HostAccess> access);

  const std::vector<kj::Own<Member>>& members() const { return members_; }
  std::vector<kj::Own<Member>>& members() { return members_; }
  const std::list<ssh::DialProgress>& dials() const { return dials_; }
  const std::shared_ptr<const HostAccess>& access() const { return access_; }
  size_t waiting() const { return waiters_.size(); }
  bool breakerOpen(kj::TimePoint now) const { return breaker_.retryAfter(now) != nullptr; }

  // Nothing here is worth keeping.
  bool abandoned() const { return members_.empty() && dials_.empty() && waiters_.empty(); }

  // Closes an idle connection. It must be one of members().
  void close(Member& member, std::string reason);
  // Looks whether callers that wait can go on.
  void serve();

 private:
  using Waiter = kj::Own<kj::PromiseFulfiller<Expected<Reservation>>>;

  Task<Expected<Reservation>> reserve();
  Member* pick();
  void grow();
  bool mayDial();
  Task<void> dial();
  Task<Expected<kj::Own<ssh::Connection>>> dialWith(std::shared_ptr<const HostAccess> access,
                                                    ssh::DialProgress& progress);
  void dialed(kj::Own<ssh::Connection> connection, const ssh::DialProgress& times);
  void dialFailed(Error error);
  void refused(Member& member);
  void failWaiters(const Error& error);
  Error breakerError(kj::Duration pause) const;
  void tendSoon();
  void tend();
  void taskFailed(kj::Exception&& exception) override;

  Loop loop_;
  const PoolLimits& limits_;
  PoolCounters& counters_;
  Budget& budget_;
  std::shared_ptr<const HostAccess> access_;  // as the last caller gave it
  core::Breaker breaker_;
  Error lastFailure_;
  std::vector<kj::Own<Member>> members_;
  std::list<ssh::DialProgress> dials_;
  std::deque<Waiter> waiters_;
  unsigned channelLimit_;     // per connection, learned from refusals
  kj::TimePoint nextDialAt_;  // after a failure, while other connections work
  bool tending_ = false;
  kj::TaskSet tasks_;
};

}  // namespace cbs::pool
