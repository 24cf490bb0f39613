// One caller's connection.
#pragma once

#include "agentd/rpc/access.h"
#include "agentd/rpc/door.h"
#include "common/loop.h"
#include "schema/agent.capnp.h"

#include <capnp/rpc-twoparty.h>
#include <capnp/rpc.h>
#include <kj/async-io.h>
#include <kj/function.h>

namespace cbs::rpc {

// Speaks Cap'n Proto over a connected Unix socket and offers the daemon's door. Dropping it drops all that the caller
// holds.
class CallerConnection {
 public:
  // `makeAgent` outlives the connection.
  CallerConnection(Loop loop, kj::AutoCloseFd socket, Caller caller, Role role, MakeAgent& makeAgent);

  // Resolves when the caller has left or broken the protocol, or has said no hello in time; in the end also of
  // one who may do nothing. To be asked for once.
  kj::Promise<void> whenOver();

  // Whether the caller has sent something that has not been read yet.
  bool hasUnread() const;

 private:
  kj::Timer& timer_;
  Role role_;
  const int socket_;  // the stream's
  kj::PromiseFulfillerPair<void> greeting_ = kj::newPromiseAndFulfiller<void>();
  kj::Own<kj::AsyncCapabilityStream> stream_;
  capnp::TwoPartyVatNetwork network_;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system_;
};

}  // namespace cbs::rpc
