// Decides when a connection to an address may be made, for all hosts together.
//
// An address has a circuit breaker of its own, as several names may lead to it, and a window of logins at once, so that
// its server drops none (core/governor.h). How many key exchanges are under way in all is limited as well: each keeps
// the event loop busy for some tenths of a millisecond at a time. Servers that do not answer do not count there, so
// that however many there are, nobody waits for them. Whoever has to wait gets a turn in order.
#pragma once

#include "agentd/core/breaker.h"
#include "agentd/core/governor.h"
#include "agentd/pool/limits.h"
#include "agentd/pool/watcher.h"
#include "agentd/ssh/address_gate.h"

#include <kj/timer.h>

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace cbs::pool {

// What is known of an address.
struct AddressFigures {
  unsigned loginsUnderWay = 0;
  unsigned window = 0;
  unsigned waiting = 0;
  uint32_t failures = 0;
  kj::Maybe<kj::Duration> retryAfter;  // its breaker is open
};

// An address whose breaker is open or half open. It refers to what the gatekeeper has: for use at once.
struct ShutAddress {
  const std::string& name;
  bool halfOpen;
  uint32_t failures;
  kj::Duration retryAfter;
  const Error& lastFailure;
};

class Gatekeeper {
 public:
  // `watcher` outlives it.
  Gatekeeper(kj::Timer& timer, unsigned maxLoginsAtOnce, Watcher& watcher);
  ~Gatekeeper() noexcept(false);
  KJ_DISALLOW_COPY(Gatekeeper);

  void setMaxLoginsAtOnce(unsigned limit) { maxAtOnce_ = limit; }

  // As AddressGate::enter, with the limits of the host in question. The gatekeeper outlives the permit and the task.
  Task<Expected<kj::Own<ssh::AddressGate::Permit>>> enter(std::string address, const HostLimits& limits);

  // As AddressGate::mayLookUp.
  kj::Promise<Turnstile::Pass> mayLookUp() { return lookUps_.enter(); }

  // Closes the address's breaker.
  void reset(const std::string& address);

  AddressFigures figures(const std::string& address) const;
  // The addresses whose breaker is not closed.
  std::vector<ShutAddress> shutAddresses() const;

  // Forgets addresses of which nothing has been heard for long. To be called now and then.
  void cleanUp();

 private:
  class Permit;
  struct Address;
  using Entry = Expected<kj::Own<ssh::AddressGate::Permit>>;
  using Waiter = kj::Own<kj::PromiseFulfiller<Entry>>;

  Address& of(const std::string& name, const HostLimits& limits);
  void admitWaiting(Address& address);
  Entry admit(Address& address);
  void refuseWaiting(Address& address);
  void releaseLogin(Address& address);
  void letExchange();
  Error shut(const Address& address, kj::Duration pause) const;

  kj::Timer& timer_;
  Watcher& watcher_;
  unsigned maxAtOnce_;
  Turnstile lookUps_;
  unsigned atOnce_ = 0;  // key exchanges under way
  std::unordered_map<std::string, std::unique_ptr<Address>> addresses_;
  std::deque<Permit*> exchanges_;  // those that wait for theirs
};

}  // namespace cbs::pool
