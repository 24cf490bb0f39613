// What passes between a daemon and the one that takes its place: descriptors and jobs (schema/handover.capnp).
#pragma once

#include "agentd/queue/running_job.h"
#include "common/loop.h"
#include "schema/handover.capnp.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <vector>

namespace cbs::app {

// The new one's descriptors, from that of --handover-fd on.
enum InheritedDescriptor { kLink, kLock, kListener, kInherited };

// One end of the link between the two.
class HandoverLink {
 public:
  // Takes a connected, non-blocking socket. `side`: the new daemon is the server.
  HandoverLink(Loop loop, kj::AutoCloseFd socket, capnp::rpc::twoparty::Side side,
               capnp::Capability::Client bootstrap = nullptr);

  // What the other one offers. For the client.
  schema::Successor::Client successor();
  kj::Promise<void> whenBroken() { return network_.onDisconnect(); }

 private:
  kj::Own<kj::AsyncIoStream> stream_;
  capnp::TwoPartyVatNetwork network_;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system_;
};

void encode(queue::RunningJob& job, schema::RunningJob::Builder to);
queue::RunningJob decode(schema::RunningJob::Reader job);

}  // namespace cbs::app
