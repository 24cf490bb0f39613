// A caller's hold on a transfer or a listing that runs.
#pragma once

#include "common/error.h"
#include "schema/transfer.capnp.h"

#include <kj/refcount.h>

namespace cbs::engine {

// Serves schema::Transfer on a run, which is stopped when this is dropped.
template <typename Run>
class TransferServer final : public schema::Transfer::Server {
 public:
  explicit TransferServer(kj::Own<Run> run) : run_(kj::mv(run)) {}
  ~TransferServer() noexcept(false) { stop(); }

  kj::Promise<void> cancel(typename schema::Transfer::Server::CancelContext) override {
    stop();
    return kj::READY_NOW;
  }

 private:
  void stop() { run_->stop({ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, ""}); }

  kj::Own<Run> run_;
};

}  // namespace cbs::engine
