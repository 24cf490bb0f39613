// What a connection to the socket offers first (schema/agent.capnp).
#pragma once

#include "agentd/rpc/caller.h"
#include "common/error.h"
#include "schema/agent.capnp.h"

#include <kj/function.h>

namespace cbs::rpc {

// Makes the agent that a caller gets for its hello, or says why there is none for it.
using MakeAgent = kj::Function<Expected<schema::Agent::Client>(const Caller& caller)>;

// Compares versions and gives out agents.
class Door final : public schema::Door::Server {
 public:
  // `makeAgent` outlives the door. `greeted` is fulfilled by the first hello, of whatever version.
  Door(MakeAgent& makeAgent, Caller caller, kj::Own<kj::PromiseFulfiller<void>> greeted)
      : makeAgent_(makeAgent), caller_(kj::mv(caller)), greeted_(kj::mv(greeted)) {}

  kj::Promise<void> hello(HelloContext context) override;

 private:
  Expected<schema::Agent::Client> agentFor(uint32_t protocol);

  MakeAgent& makeAgent_;
  Caller caller_;
  kj::Own<kj::PromiseFulfiller<void>> greeted_;
};

// Who we are.
void introduce(schema::PeerInfo::Builder to);

}  // namespace cbs::rpc
