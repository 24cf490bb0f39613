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
#include <utility>

namespace cbs::pool {

class HostPool;

// What a channel is for: a command on the host, the way to a host behind it, or a transfer's bytes.
enum class Use { SESSION, TUNNEL, BULK };

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
  unsigned reserved[3] = {};  // by use: promised to callers whose channel is not open yet
  bool bulk = false;          // what it was first lent for since it was idle is BULK
  unsigned transfers = 0;     // channels lent for BULK
  uint64_t served = 0;        // channels lent so far
  double spread;              // its share of the time limits, about 1, so that those made together do not end together
  bool retired = false;       // lent no more; closed when nothing uses it
  bool dismissed = false;     // it was alive when we closed it
  kj::TimePoint createdAt;
  kj::TimePoint usedAt;  // when a channel was last lent or came back
  ssh::DialProgress dial;
  kj::Function<void()> released = []() {};  // called when a place that was promised is given up or has become a channel
  // Its place among the idle or the busy ones of the whole pool, and which of the two it is in.
  std::list<Member*>::iterator place;
  bool resting = false;

  unsigned& reservedFor(Use use) { return reserved[static_cast<int>(use)]; }
  unsigned reservedFor(Use use) const { return reserved[static_cast<int>(use)]; }
  unsigned load() const {
    return connection->channelsInUse() + reservedFor(Use::SESSION) + reservedFor(Use::TUNNEL) + reservedFor(Use::BULK);
  }
  bool usable() const { return !retired && !connection->dead(); }
  bool hasRoom(Use use) const {
    if (!usable()) return false;
    if (use == Use::TUNNEL) return connection->tunnelsInUse() + reservedFor(use) < tunnelLimit;
    return hasRoomFor(1);
  }
  // For so many sessions.
  bool hasRoomFor(unsigned sessions) const {
    unsigned taken = connection->sessionsInUse() + reservedFor(Use::SESSION) + reservedFor(Use::BULK);
    return taken + sessions <= channelLimit;
  }
  // Whether a transfer may share it with commands: to these it leaves a channel, unless it is the only transfer.
  bool mayShare() const { return transfers + reservedFor(Use::BULK) == 0 || hasRoomFor(2); }
  bool idle() const { return load() == 0; }
  // It carries a transfer, and so no commands.
  bool carriesBulk() const { return bulk && !idle(); }

  // Ends it, as it is not wanted any more.
  void dismiss(std::string reason) {
    if (connection->dead()) return;
    dismissed = true;
    connection->close(std::move(reason));
  }

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

// Counts a channel among those that carry transfers.
class CarriesTransfer {
 public:
  explicit CarriesTransfer(Member& member) : member_(kj::addRef(member)) { ++member.transfers; }
  ~CarriesTransfer() { --member_->transfers; }
  KJ_DISALLOW_COPY(CarriesTransfer);

 private:
  kj::Own<Member> member_;
};

// A channel that is lent to a caller. Dropping it gives it back.
struct Lease {
  kj::Own<CallerShares::Share> share;
  kj::Own<Member> member;
  kj::Own<ssh::Channel> channel;
  bool reused;                             // the connection was there before
  ssh::DialProgress dial;                  // how long the phases took if it was not
  kj::Own<CarriesTransfer> transfer = {};  // null: it is for a command

  // To be called once the command runs: the next caller's channel is opened ahead, unless no command can be next.
  void started() {
    if (!member->carriesBulk()) member->connection->openAhead();
  }
};

}  // namespace cbs::pool
