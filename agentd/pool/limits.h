// How much the pool may do, and how long things may take.
#pragma once

#include "agentd/core/reachability.h"

#include <kj/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::pool {

// For one host.
struct HostLimits {
  unsigned maxConnections = 8;
  unsigned maxChannelsPerConnection = 10;
  // To hosts behind it. Servers do not limit them, but all share one TCP connection, and a look at what has come costs
  // some microseconds for each.
  unsigned maxTunnelsPerConnection = 64;
  // Per address. sshd drops some from ten on (MaxStartups), and counts a login for a moment longer than we do: with
  // eight at once it dropped six of forty.
  unsigned maxLoginsAtOnce = 5;
  kj::Duration connectTimeout = 10 * kj::SECONDS;
  kj::Duration idleTimeout = 300 * kj::SECONDS;
  kj::Duration maxAge = 1 * kj::HOURS;
  uint64_t maxBytes = uint64_t{32} << 30;             // in either direction; a server rekeys AES after twice that
  kj::Duration probeAfter = 60 * kj::SECONDS;         // of silence, before a channel is lent
  kj::Duration keepaliveInterval = 30 * kj::SECONDS;  // while a command waits
  core::ReachabilityLimits reachability;

  // Nothing is set: all are 0.
  static HostLimits unset();
  // Takes what is not set here from there.
  void fillFrom(const HostLimits& other);
};

// What differs for the hosts whose name, as it is typed (without user and port) or as ssh_config has it, matches.
struct HostOverride {
  std::string patterns;  // core::matchesPatternList
  HostLimits limits;     // what is 0 is not set
};

struct PoolLimits {
  unsigned maxConnections = 1000;
  unsigned maxLoginsAtOnce = 100;  // key exchanges under way, to all hosts together; silent servers do not count
  unsigned maxChannelsPerCaller = 1000;
  unsigned maxWaiting = 10'000;            // for one host, and for one caller's own limit
  kj::Duration maxWait = 5 * kj::MINUTES;  // for a channel, when all are busy
  kj::Duration cleanupInterval = 60 * kj::SECONDS;
  HostLimits host = {};
  std::vector<HostOverride> overrides = {};

  // As in ssh_config(5), the first override that matches and sets a value decides it.
  HostLimits of(std::string_view target, std::string_view hostName) const;
};

}  // namespace cbs::pool
