// A transfer that a caller has asked for.
#pragma once

#include "agentd/rpc/held_errand.h"
#include "schema/agent.capnp.h"

#include <capnp/message.h>

namespace cbs::rpc {

class QueuedTransfer final : public HeldErrand {
 public:
  QueuedTransfer(Services& services, Caller caller, schema::TransferRequest::Reader request,
                 schema::TransferObserver::Client observer, queue::CommandQueue& lanes);

 private:
  kj::Promise<void> handOver(const Admission& admission) override;
  kj::Promise<void> tellEnd(const Error& why) override;
  Task<void> send(const Admission& admission);

  capnp::MallocMessageBuilder request_;
  schema::TransferObserver::Client observer_;
};

}  // namespace cbs::rpc
