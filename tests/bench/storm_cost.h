// What many connections at once cost a contender and the server.
#pragma once

#include "tests/bench/contender.h"
#include "tests/bench/many_addresses.h"

namespace cbs::bench {

struct StormCost {
  double perSecond = 0;  // connections, each with a `true` on it
  double lagP99Ms = 0;
  double lagMaxMs = 0;
  // Of each connection.
  double connectCpuMs = 0;   // the client's, other programs at its side included: connect, handshake, login
  double childrenCpuMs = 0;  // the part of those other programs
  double commandCpuMs = 0;   // the client's: a `true` on a connection that is there
  double serverCpuMs = 0;    // the server's: all of that
  double idleKiB = 0;        // resident
};

// Has the contender take two turns. The first one connects, the second finds every connection there: the difference is
// what connecting takes. The server is the light one, and serves nobody else.
StormCost measureStorm(Contender& contender, const ManyAddresses& server, int connections);

}  // namespace cbs::bench
