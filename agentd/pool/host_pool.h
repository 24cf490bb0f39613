// Lends channels on the connections to one host.
//
// A caller gets a free channel of a connection that is there, else waits while a connection is made: one for as many
// waiting callers as a connection has channels. Those who wait take turns by caller, and each caller's requests go in
// order. A connection that refuses a channel (MaxSessions) has its limit lowered, and a sibling is made.
//
// Commands do not share a connection with transfers, whose bytes they would wait behind: a connection that a transfer
// was lent while it was idle is lent to transfers only, until it is idle again. One connection is always left to the
// commands. They share one where there may be only one, or where no other can be had: transfers after they have waited
// for a while. One transfer more on a connection that is shared always leaves a channel free.
#pragma once

#include "agentd/core/reachability.h"
#include "agentd/core/turns.h"
#include "agentd/pool/gatekeeper.h"
#include "agentd/pool/host_access.h"
#include "agentd/pool/instance.h"
#include "agentd/pool/limits.h"
#include "agentd/pool/member.h"
#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"

#include <list>
#include <optional>
#include <string>
#include <vector>

namespace cbs::pool {

// What a host has been used for, in sums that outlive its connections.
struct HostSums {
  uint64_t commands = 0;  // and transfers, that were given a channel
  uint64_t bytesIn = 0;   // on the wire
  uint64_t bytesOut = 0;
  uint64_t failures = 0;  // connections that could not be made, or broke
};

class HostPool final : private ssh::AddressGate, private kj::TaskSet::ErrorHandler {
 public:
  // All but `limits` outlive it.
  HostPool(Loop loop, const PoolLimits& whole, HostLimits limits, Gatekeeper& gatekeeper, Instance& instance);
  ~HostPool() noexcept(false);
  KJ_DISALLOW_COPY(HostPool);

  // A session channel on a connection to the host, without a share, for SESSION or BULK. Fails with the error of the
  // connection that could not be made, or with overloaded/poolFull when all channels stay busy.
  Task<Expected<Lease>> borrow(std::shared_ptr<const HostAccess> access, Use use = Use::SESSION);

  // A place for a tunnel on a connection to the host, which is a jump host then. Fails as borrow.
  Task<Expected<Reservation>> reserveTunnel(std::shared_ptr<const HostAccess> access);

  // Applies to connections that are there as well; none is dropped for it.
  void setLimits(HostLimits limits);
  const HostLimits& limits() const { return limits_; }

  const std::vector<kj::Own<Member>>& members() const { return members_; }
  const std::list<ssh::DialProgress>& dials() const { return dials_; }
  const std::shared_ptr<const HostAccess>& access() const { return access_; }
  size_t waiting() const { return sessions_.size() + tunnels_.size() + bulk_.size(); }
  unsigned channelLimit() const { return channelLimit_; }
  const core::Reachability& reachability() const { return reachability_; }
  // The phases of the connection that was made last, and the address that was asked for last.
  const ssh::DialProgress& lastDial() const { return lastDial_; }
  const std::string& lastAddress() const { return lastAddress_; }

  HostSums sums() const;
  // As in sums().
  uint64_t commands() const { return sums_.commands; }

  // Nothing here is worth keeping.
  bool forgettable(kj::TimePoint now);

  // Closes an idle connection. It must be one of members().
  void close(Member& member, std::string reason);
  // Closes what is idle, or everything if it is to be `now`; the rest is closed when nothing uses it any more.
  struct Disconnected {
    unsigned closed = 0;
    unsigned leaving = 0;
  };
  Disconnected disconnect(bool now);
  // Lets the host be tried again at once. Gives whether there were failures to forget.
  bool resetBreakers();
  // Looks after a connection that is in use: whether it has lived or carried enough, and whether it still answers.
  void inspect(Member& member);
  // Looks whether callers that wait can go on.
  void serve();

 private:
  // A caller in line. Connections are made as the first in line has access, who may have to be asked something.
  struct Waiter {
    kj::Own<kj::PromiseFulfiller<Expected<Reservation>>> fulfiller;
    std::shared_ptr<const HostAccess> access;
    kj::TimePoint since;
  };

  using Line = core::Turns<std::string, Waiter>;

  // So long transfers wait for a connection without commands.
  static constexpr kj::Duration kShareAfter = 2 * kj::SECONDS;

  Line& lineFor(Use use) { return use == Use::SESSION ? sessions_ : use == Use::TUNNEL ? tunnels_ : bulk_; }
  Task<Expected<Reservation>> reserve(Use use, std::shared_ptr<const HostAccess> access);
  void dropGone(Line& line);
  std::shared_ptr<const HostAccess> firstInLine();
  Lease lend(Member& member, kj::Own<ssh::Channel> channel, Use use);
  Reservation promise(Member& member, Use use);
  bool mayLend(const Member& member, Use use);
  bool mayLendForBulk(const Member& member);
  bool allCarryBulk() const;
  bool noneCarriesBulk() const;
  bool commandsMustShare() const;
  bool transfersMustShare();
  bool better(const Member& one, const Member& other, Use use) const;
  Member* pick(Use use);
  void serve(Use use);
  void retire(Member& member);
  void grow();
  size_t dialsWanted() const;
  // Transfers and commands have to share one connection.
  bool shared() const { return limits_.maxConnections <= 1; }
  size_t placesForBulk() const;
  bool mayDial();
  void serveAt(kj::TimePoint when);
  Task<void> makeConnection();
  kj::Promise<Turnstile::Pass> mayLookUp() override { return gatekeeper_.mayLookUp(); }
  Task<Expected<kj::Own<Permit>>> enter(std::string address) override;
  void notePhases(const ssh::DialProgress& times);
  void dialed(kj::Own<ssh::Connection> connection, const HostAccess& access, const ssh::DialProgress& times);
  void dialFailed(Error error, const HostAccess& access);
  void tellBreaker(std::string_view state);
  void tellClosed(const Member& member);
  void refused(Member& member);
  void failWaiters(const Error& error);
  void tendSoon();
  void tend();
  void bury(Member& member);
  void taskFailed(kj::Exception&& exception) override;

  Loop loop_;
  const PoolLimits& whole_;
  HostLimits limits_;
  Gatekeeper& gatekeeper_;
  Instance& instance_;
  std::shared_ptr<const HostAccess> access_;  // as the last caller gave it
  core::Reachability reachability_;
  std::vector<kj::Own<Member>> members_;
  std::list<ssh::DialProgress> dials_;
  Line sessions_;  // callers that wait for a channel, by what for
  Line tunnels_;
  Line bulk_;
  unsigned channelLimit_;  // per connection, learned from refusals
  kj::TimePoint learnedAt_;
  bool pausing_ = false;  // no attempt before reachability_.nextAttempt(), whatever else works
  ssh::DialProgress lastDial_;
  std::string lastAddress_;
  HostSums sums_;         // without the bytes of members_
  bool probing_ = false;  // somebody tries whether a breaker may close
  bool tending_ = false;
  kj::TaskSet tasks_;
};

}  // namespace cbs::pool
