// What a connection to the socket offers first (schema/agent.capnp).
#pragma once

#include "schema/agent.capnp.h"

#include <kj/function.h>

namespace cbs::rpc {

// Compares versions and gives out agents.
class Door final : public schema::Door::Server {
 public:
  // `makeAgent` outlives the door. `greeted` is fulfilled by the first hello, of whatever version.
  Door(kj::Function<schema::Agent::Client()>& makeAgent, kj::Own<kj::PromiseFulfiller<void>> greeted)
      : makeAgent_(makeAgent), greeted_(kj::mv(greeted)) {}

  kj::Promise<void> hello(HelloContext context) override;

 private:
  kj::Function<schema::Agent::Client()>& makeAgent_;
  kj::Own<kj::PromiseFulfiller<void>> greeted_;
};

// Who we are.
void introduce(schema::PeerInfo::Builder to);

}  // namespace cbs::rpc
