// One transfer, from its request to its end.
#pragma once

#include "cli/exec/interrupts.h"
#include "cli/transfer/transfer_end.h"
#include "common/agent_client.h"
#include "common/task.h"

#include <kj/timer.h>

namespace cbs::cli {

// Hears of a transfer while it runs.
class TransferListener {
 public:
  virtual void progress(schema::TransferProgress::Reader progress) = 0;
  virtual void events(capnp::List<schema::TransferEvent>::Reader events) = 0;

 protected:
  ~TransferListener() = default;
};

class TransferRun {
 public:
  using Request = capnp::Request<schema::Agent::TransferParams, schema::Agent::TransferResults>;

  // What it refers to outlives the run, and the client's connection.
  TransferRun(AgentClient& client, kj::Timer& timer, Interrupts& interrupts, TransferListener& listener)
      : client_(client), timer_(timer), interrupts_(interrupts), listener_(listener) {}

  // Sends the request, which lacks nothing but its observer, and waits for the end. The first signal cancels the
  // transfer, which has five seconds to tell what remains of it; the second leaves at once.
  Task<TransferEnd> run(Request request);

 private:
  class Observer;
  Task<TransferEnd> interrupted(schema::Transfer::Client transfer);
  Task<TransferEnd> watchConnection(kj::Promise<void> accepted);
  Task<TransferEnd> dropped();

  AgentClient& client_;
  kj::Timer& timer_;
  Interrupts& interrupts_;
  TransferListener& listener_;
};

}  // namespace cbs::cli
