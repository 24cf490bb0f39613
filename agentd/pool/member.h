// A connection in the pool, and the ways to hold a part of it.
#pragma once

#include "agentd/pool/caller_shares.h"
#include "agentd/pool/limits.h"
#include "agentd/ssh/connection.h"

#include <kj/function.h>
#include <kj/refcount.h>

#include <cstdint>
#include <list>
#include <string>

namespace cbs::pool {

class HostPool;

// What a channel is for: a command or a transfer on the host, or the way to a host behind it.
enum class Use { SESSION, TUNNEL };

struct Member : public kj::Refcounted {
  Member(kj::Own<ssh::Connection> connection, unsigned channelLimit, unsigned tunnelLimit, kj::TimePoint now,
         double spread)
      : connection(kj::mv(connection)),
        channelLimit(channelLimit),
        tunnelLimit(tunnelLimit),
        spread(spread),
        createdAt(now),
        usedAt(now) {}

  kj::Own<ssh::Connection> connection;
  HostPool* host = nullptr;   // whose it is
  unsigned channelLimit;      // how many channels the server allows, as far as is known
  unsigned tunnelLimit;       // how many tunnels we put on it
  unsigned reserved[2] = {};  // by use: promised to callers whose channel is not open yet
  uint64_t served = 0;        // channels lent so far
  double spread;              // its share of the time limits, about 1, so that those made together do not end together
  bool retired = false;       // lent no more; closed when nothing uses it
  kj::TimePoint createdAt;
  kj::TimePoint usedAt;  // when a channel was last lent or came back
  ssh::DialProgress dial;
  kj::Function<void()> released = []() {};  // called when a place that was promised is given up or has become a channel
  // Its place among the idle or the busy ones of the whole pool, and which of the two it is in.
  std::list<Member*>::iterator place;
  bool resting = false;

  unsigned& reservedFor(Use use) { return reserved[static_cast<int>(use)]; }
  unsigned load() const { return connection->channelsInUse() + reserved[0] + reserved[1]; }
  bool hasRoom(Use use) const {
    if (retired || connection->dead()) return false;
    return use == Use::SESSION ? connection->sessionsInUse() + reserved[0] < channelLimit
                               : connection->tunnelsInUse() + reserved[1] < tunnelLimit;
  }
  bool idle() const { return load() == 0; }

  // It has lived or carried enough.
  bool worn(const HostLimits& limits, kj::TimePoint now) const {
    uint64_t bytes = kj::max(connection->bytesIn(), connection->bytesOut());
    return bytes >= limits.maxBytes || now - createdAt >= spreadOver(limits.maxAge);
  }
  bool idleTooLong(const HostLimits& limits, kj::TimePoint now) const {
    return idle() && now - usedAt >= spreadOver(limits.idleTimeout);
  }

 private:
  kj::Duration spreadOver(kj::Duration limit) const {
    return static_cast<int64_t>(spread * static_cast<double>(limit / kj::NANOSECONDS)) * kj::NANOSECONDS;
  }
};

// A place on a member that is kept for a caller until its channel is open.
class Reservation {
 public:
  Reservation(Member& member, Use use) : member_(kj::addRef(member)), use_(use) { ++member.reservedFor(use); }
  Reservation(Reservation&&) = default;
  Reservation& operator=(Reservation&&) = delete;
  ~Reservation() {
    if (member_.get() == nullptr) return;
    --member_->reservedFor(use_);
    member_->released();
  }
  Member& member() { return *member_; }

 private:
  kj::Own<Member> member_;
  Use use_;
};

// A channel that is lent to a caller. Dropping it gives it back.
struct Lease {
  kj::Own<CallerShares::Share> share;
  kj::Own<Member> member;
  kj::Own<ssh::Channel> channel;
  bool reused;             // the connection was there before
  ssh::DialProgress dial;  // how long the phases took if it was not

  // To be called once the command runs: the next caller's channel is opened ahead.
  void started() { member->connection->openAhead(); }
};

}  // namespace cbs::pool
