// From a host's name to a connected TCP socket.
#pragma once

#include "agentd/ssh/address_gate.h"
#include "agentd/ssh/carrier.h"
#include "agentd/ssh/dial_progress.h"
#include "common/allowance.h"
#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"

#include <kj/io.h>
#include <sys/socket.h>

#include <string>
#include <vector>

namespace cbs::ssh {

// A socket address and its family.
struct Address {
  sockaddr_storage storage;
  socklen_t length;
  int family() const { return storage.ss_family; }
  // "192.0.2.1:22", "[2001:db8::1]:22"
  std::string text() const;
};

struct TransportOptions {
  std::string hostName;  // a name, or a numeric address
  uint16_t port = 22;
  int family = AF_UNSPEC;   // AF_INET or AF_INET6 to allow only that
  std::string bindAddress;  // numeric; "" for any
};

// All addresses of the host, in the resolver's order. Unless the name is numeric, the look-up waits for its turn
// (AddressGate::mayLookUp) and blocks a thread of its own. Given up, it keeps its turn until the resolver has answered.
Task<Expected<std::vector<Address>>> resolve(Loop loop, TransportOptions options, kj::Promise<Turnstile::Pass> turn);

struct Connected {
  kj::AutoCloseFd socket;
  std::string address;  // numeric, with the port; or a name and the way to it, where the name is not looked up here
  kj::Own<AddressGate::Permit> permit;
  kj::Own<Carrier> carrier = {};  // null: the socket is a TCP connection of our own
};

// The gate's answer. `allowance` does not run meanwhile; the phase and `waitUs` of `progress` tell of the wait.
Task<Expected<kj::Own<AddressGate::Permit>>> waitAtGate(Loop loop, AddressGate& gate, std::string address,
                                                        Allowance& allowance, DialProgress& progress);

// The same for the permit's word that the key exchange may begin.
Task<void> waitForExchange(Loop loop, AddressGate::Permit& permit, Allowance& allowance, DialProgress& progress);

// Looks the name up, tries its addresses in turn, and gives each a fair share of what is left of `allowance`. Fails as
// the last address that was tried, or as the gate if none was. The socket has TCP_NODELAY (without it a command costs
// 40 ms more), TCP_USER_TIMEOUT and keepalives, so that a peer that has vanished is noticed within half a minute of
// traffic, or two minutes without.
Task<Expected<Connected>> connectTo(Loop loop, TransportOptions options, Allowance& allowance, AddressGate& gate,
                                    DialProgress& progress);

}  // namespace cbs::ssh
