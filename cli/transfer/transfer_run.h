// One transfer, from its request to its end.
#pragma once

#include "cli/exec/interrupts.h"
#include "cli/session.h"
#include "cli/transfer/progress_display.h"
#include "cli/transfer/transfer_end.h"
#include "common/task.h"

namespace cbs::cli {

class TransferRun {
 public:
  // What it refers to outlives the run.
  TransferRun(Session& session, Interrupts& interrupts, ProgressDisplay& display);

  // The observer for the request. To be asked for once.
  schema::TransferObserver::Client observer();

  // Waits for the end of the transfer that a request has begun. A signal cancels it.
  template <typename Results>
  TransferEnd wait(capnp::RemotePromise<Results> call) {
    schema::Transfer::Client transfer = call.getTransfer();  // dropping it would cancel the transfer
    return waitFor(call.ignoreResult());
  }

 private:
  class Observer;
  TransferEnd waitFor(kj::Promise<void> accepted);
  Task<TransferEnd> interrupted();
  Task<TransferEnd> watchConnection(kj::Promise<void> accepted);

  Session& session_;
  Interrupts& interrupts_;
  ProgressDisplay& display_;
  kj::PromiseFulfillerPair<TransferEnd> told_;
};

}  // namespace cbs::cli
