// Passes on what a command prints, and notices its end.
#pragma once

#include "agentd/rpc/trail.h"
#include "agentd/rpc/work_log.h"
#include "schema/types.capnp.h"

#include <kj/time.h>

namespace cbs::rpc {

// Stands between the engine and the caller's sink. One copy of each chunk is what it costs.
class OutputRelay final : public schema::OutputSink::Server {
 public:
  // `told` is fulfilled when the caller has got the outcome, or cannot get it any more. It is rejected if the engine
  // lets go of the sink without an outcome. The outcome gets `queued`, how long the command has waited for a lane, and
  // says of `timeoutMs` that they were its time, of which the engine knows only what was left. `trail` is told it.
  OutputRelay(schema::OutputSink::Client caller, kj::Duration queued, uint64_t timeoutMs, WorkLog& log,
              std::shared_ptr<Trail> trail, kj::Own<kj::PromiseFulfiller<void>> told)
      : caller_(kj::mv(caller)),
        queued_(queued),
        timeoutMs_(timeoutMs),
        log_(log),
        trail_(kj::mv(trail)),
        told_(kj::mv(told)) {}
  // One whose outcome was not told counts as unknown.
  ~OutputRelay() noexcept(false);

  kj::Promise<void> write(WriteContext context) override;
  kj::Promise<void> finished(FinishedContext context) override;
  kj::Promise<void> starting(StartingContext context) override;

 private:
  void nameTimeout(schema::Outcome::Builder outcome) const;

  schema::OutputSink::Client caller_;
  kj::Duration queued_;
  uint64_t timeoutMs_;
  WorkLog& log_;
  bool ended_ = false;
  std::shared_ptr<Trail> trail_;
  kj::Own<kj::PromiseFulfiller<void>> told_;
};

}  // namespace cbs::rpc
