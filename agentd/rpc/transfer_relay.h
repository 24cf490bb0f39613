// Passes on how a transfer is getting on, and notices its end.
#pragma once

#include "agentd/rpc/trail.h"
#include "schema/transfer.capnp.h"

#include <kj/time.h>

namespace cbs::rpc {

// Stands between the engine and the caller's observer.
class TransferRelay final : public schema::TransferObserver::Server {
 public:
  // As OutputRelay.
  TransferRelay(schema::TransferObserver::Client caller, kj::Duration queued, std::shared_ptr<Trail> trail,
                kj::Own<kj::PromiseFulfiller<void>> told)
      : caller_(kj::mv(caller)), queued_(queued), trail_(kj::mv(trail)), told_(kj::mv(told)) {}

  kj::Promise<void> progress(ProgressContext context) override;
  kj::Promise<void> events(EventsContext context) override;
  kj::Promise<void> finished(FinishedContext context) override;

 private:
  schema::TransferObserver::Client caller_;
  kj::Duration queued_;
  std::shared_ptr<Trail> trail_;
  kj::Own<kj::PromiseFulfiller<void>> told_;
};

}  // namespace cbs::rpc
