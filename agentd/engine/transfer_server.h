// A caller's hold on a running transfer.
#pragma once

#include "agentd/engine/transfer_run.h"

namespace cbs::engine {

// Decodes what a caller wants to move. Fails with usage/badRequest.
Expected<transfer::UploadPlan> planTransfer(schema::TransferSpec::Reader spec);

// Tells an observer that its transfer was not begun.
kj::Promise<void> refuseTransfer(schema::TransferObserver::Client observer, const Error& error);

// Serves schema::Transfer on a run. Being dropped stops the run.
class TransferServer final : public schema::Transfer::Server {
 public:
  explicit TransferServer(kj::Own<TransferRun> run) : run_(kj::mv(run)) {}
  ~TransferServer() noexcept(false) { run_->stop({ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, ""}); }

 private:
  kj::Own<TransferRun> run_;
};

}  // namespace cbs::engine
