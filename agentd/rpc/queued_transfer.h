// A caller's hold on a transfer, from the moment at which it is asked for.
#pragma once

#include "agentd/rpc/errand.h"
#include "schema/agent.capnp.h"

namespace cbs::rpc {

// Being dropped, it cancels the transfer. The file's descriptor goes to the engine with its capability.
class QueuedTransfer final : public schema::Transfer::Server, private Errand {
 public:
  enum class Direction { UPLOAD, DOWNLOAD };

  QueuedTransfer(Services& services, Caller caller, Direction direction, schema::TransferRequest::Reader request,
                 schema::OpenFile::Client file, schema::TransferObserver::Client observer);

 private:
  kj::Promise<void> handOver(const Admission& admission) override;
  kj::Promise<void> end(const Error& why) override;

  template <typename EngineRequest>
  kj::Promise<void> send(EngineRequest engineRequest, const Admission& admission);

  Services& services_;
  Direction direction_;
  capnp::MallocMessageBuilder request_;  // the caller's, as its own message goes when the call has been answered
  schema::OpenFile::Client file_;
  schema::TransferObserver::Client observer_;
  kj::Promise<void> errand_ = nullptr;
};

}  // namespace cbs::rpc
