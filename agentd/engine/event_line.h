// Tells a caller how its transfer is getting on.
#pragma once

#include "agentd/transfer/entry.h"
#include "agentd/transfer/listener.h"
#include "agentd/transfer/streams.h"
#include "common/loop.h"
#include "common/task.h"
#include "schema/transfer.capnp.h"

#include <deque>

namespace cbs::engine {

// Events wait here until the caller has taken them; who makes them waits when there are too many.
class EventLine final : public transfer::Listener {
 public:
  // `options` outlive it.
  EventLine(Loop loop, const transfer::Options& options, schema::TransferObserver::Client observer)
      : loop_(loop), options_(options), observer_(kj::mv(observer)) {}

  void tell(transfer::Event event) override;
  kj::Promise<void> room() override;

  // Passes events and progress on until it is dropped, at most ten times a second. Fails when the caller has gone.
  // What is referred to outlives the task.
  Task<void> pass(const transfer::Tally& tally, const transfer::Streams* streams);
  // Passes on what still waits.
  Task<void> flush();

 private:
  Task<void> sendProgress(const transfer::Tally& tally, const transfer::Streams* streams);

  Loop loop_;
  const transfer::Options& options_;
  schema::TransferObserver::Client observer_;
  std::deque<transfer::Event> waiting_;
  uint64_t toldBytes_ = 0;
  uint64_t toldFiles_ = 0;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> waitsForRoom_;
};

}  // namespace cbs::engine
