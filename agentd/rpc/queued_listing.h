// A listing of files that a caller has asked for.
#pragma once

#include "agentd/rpc/held_errand.h"
#include "schema/agent.capnp.h"

#include <capnp/message.h>

namespace cbs::rpc {

class QueuedListing final : public HeldErrand {
 public:
  QueuedListing(Services& services, Caller caller, schema::ListRequest::Reader request,
                schema::ListingObserver::Client observer);

 private:
  kj::Promise<void> handOver(const Admission& admission) override;
  kj::Promise<void> tellEnd(const Error& why) override;
  Task<void> send(const Admission& admission);

  capnp::MallocMessageBuilder request_;
  schema::ListingObserver::Client observer_;
};

}  // namespace cbs::rpc
