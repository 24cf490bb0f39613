// Passes on what a command prints, and notices its end.
#pragma once

#include "agentd/rpc/work_log.h"
#include "schema/types.capnp.h"

#include <kj/time.h>

namespace cbs::rpc {

// Stands between the engine and the caller's sink. One copy of each chunk is what it costs.
class OutputRelay final : public schema::OutputSink::Server {
 public:
  // `told` is fulfilled when the caller has got the outcome, or cannot get it any more. It is rejected if the engine
  // lets go of the sink without an outcome. `queued` is how long the command has waited for a lane; the outcome gets
  // it.
  OutputRelay(schema::OutputSink::Client caller, kj::Duration queued, WorkLog& log,
              kj::Own<kj::PromiseFulfiller<void>> told)
      : caller_(kj::mv(caller)), queued_(queued), log_(log), told_(kj::mv(told)) {}

  kj::Promise<void> write(WriteContext context) override;
  kj::Promise<void> finished(FinishedContext context) override;

 private:
  schema::OutputSink::Client caller_;
  kj::Duration queued_;
  WorkLog& log_;
  kj::Own<kj::PromiseFulfiller<void>> told_;
};

}  // namespace cbs::rpc
