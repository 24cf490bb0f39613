// Passes a listing on, and notices its end.
#pragma once

#include "agentd/rpc/trail.h"
#include "schema/transfer.capnp.h"

namespace cbs::rpc {

// As TransferRelay.
class ListingRelay final : public schema::ListingObserver::Server {
 public:
  ListingRelay(schema::ListingObserver::Client caller, std::shared_ptr<Trail> trail,
               kj::Own<kj::PromiseFulfiller<void>> told)
      : caller_(kj::mv(caller)), trail_(kj::mv(trail)), told_(kj::mv(told)) {}

  kj::Promise<void> files(FilesContext context) override;
  kj::Promise<void> failed(FailedContext context) override;
  kj::Promise<void> finished(FinishedContext context) override;

 private:
  schema::ListingObserver::Client caller_;
  std::shared_ptr<Trail> trail_;
  kj::Own<kj::PromiseFulfiller<void>> told_;
};

}  // namespace cbs::rpc
