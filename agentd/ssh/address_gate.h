// Asked before a connection is made to an address: whether, and when, it may be, and its name be looked up.
#pragma once

#include "common/error.h"
#include "common/task.h"
#include "common/turnstile.h"

#include <kj/memory.h>

#include <string>

namespace cbs::ssh {

class AddressGate {
 public:
  // The right to make one connection to an address and to log in over it. Its end without a word, as after a refused
  // key, says nothing about the address.
  class Permit {
   public:
    virtual ~Permit() noexcept(false) = default;
    // Resolves when the key exchange may begin; at once if it may already. To be asked when the server has said
    // something: one that is silent is not to keep others waiting.
    virtual kj::Promise<void> mayExchange() = 0;
    // The server has shown that it is an SSH server that has time for us. What comes now may wait for a person.
    virtual void agreed() = 0;
    virtual void loggedIn() = 0;
    virtual void failed(const Error& why) = 0;
  };

  // Resolves when a name may be looked up; until the turn is given back, as others may have to wait for it.
  virtual kj::Promise<Turnstile::Pass> mayLookUp() = 0;

  // `address` is numeric, with the port: "192.0.2.1:22". Resolves when the connection may be made, which may take
  // minutes; fails with unreachable/breakerOpen or overloaded/poolFull.
  virtual Task<Expected<kj::Own<Permit>>> enter(std::string address) = 0;

 protected:
  ~AddressGate() = default;
};

}  // namespace cbs::ssh
