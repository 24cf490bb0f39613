// A connection in the pool, and the ways to hold a part of it.
#pragma once

#include "agentd/ssh/connection.h"

#include <kj/refcount.h>

#include <cstdint>
#include <string>

namespace cbs::pool {

struct Member : public kj::Refcounted {
  Member(kj::Own<ssh::Connection> connection, unsigned channelLimit, kj::TimePoint now)
      : connection(kj::mv(connection)), channelLimit(channelLimit), createdAt(now), usedAt(now) {}

  kj::Own<ssh::Connection> connection;
  unsigned channelLimit;  // how many channels the server allows, as far as is known
  unsigned reserved = 0;  // promised to callers whose channel is not open yet
  uint64_t served = 0;    // channels lent so far
  bool resting = false;   // known to be idle since usedAt
  kj::TimePoint createdAt;
  kj::TimePoint usedAt;  // when a channel was last lent or came back
  ssh::DialProgress dial;

  unsigned load() const { return connection->channelsInUse() + reserved; }
  bool hasRoom() const { return !connection->dead() && load() < channelLimit; }
  bool idle() const { return load() == 0; }
};

// A place on a member that is kept for a caller until its channel is open.
class Reservation {
 public:
  explicit Reservation(Member& member) : member_(kj::addRef(member)) { ++member.reserved; }
  Reservation(Reservation&&) = default;
  Reservation& operator=(Reservation&&) = delete;
  ~Reservation() {
    if (member_.get() != nullptr) --member_->reserved;
  }
  Member& member() { return *member_; }

 private:
  kj::Own<Member> member_;
};

// A channel that is lent to a caller. Dropping it gives it back.
struct Lease {
  kj::Own<Member> member;
  kj::Own<ssh::Channel> channel;
  bool reused;             // the connection was there before
  ssh::DialProgress dial;  // how long the phases took if it was not

  // To be called once the command runs: the next caller's channel is opened ahead.
  void started() { member->connection->openAhead(); }
};

}  // namespace cbs::pool
