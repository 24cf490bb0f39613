// One transfer: from the channels on its hosts to the result that its caller is told.
#pragma once

#include "agentd/engine/event_line.h"
#include "agentd/engine/host_end.h"
#include "agentd/engine/stoppable_run.h"
#include "agentd/engine/transfer_stats.h"
#include "agentd/transfer/local_file.h"
#include "agentd/transfer/mover.h"
#include "agentd/transfer/parts_in_use.h"
#include "common/turnstile.h"
#include "schema/engine.capnp.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cbs::engine {

struct TransferPlan {
  std::variant<schema::FileSource::Client, HostPlace> from;
  std::variant<schema::FileSink::Client, HostPlace> to;
  transfer::Options options;
};

// Fails with usage/badRequest.
Expected<TransferPlan> decode(schema::TransferOrder::Reader order);

// What all transfers of an engine share. It outlives them.
struct TransferCommons {
  TransferCommons(Loop loop, pool::Pool& pool) : loop(loop), pool(pool), commands(loop.timer) {}

  Loop loop;
  pool::Pool& pool;
  transfer::GivingWay commands;
  transfer::Budget budget;
  transfer::PartsInUse parts;
  Turnstile threads{transfer::LocalFile::kThreads};  // for callers' files
  TransferStats stats;
};

// It ends by itself when it is stopped, and what can be gone on with stays. It tells the observer its result in any
// case.
class TransferRun final : public StoppableRun {
 public:
  TransferRun(TransferCommons& commons, TransferPlan plan, schema::TransferObserver::Client observer);

  // Ends after the observer has got the result. To be called once; the caller keeps the object alive meanwhile.
  Task<void> run();

  // Adds what it has moved since the last time to the statistics; it does so itself at its end.
  void countBytes();

 private:
  Task<Expected<void>> move();
  Task<Expected<void>> connect();
  void makeEnds();
  Task<void> tellCaller();
  Task<void> leaveParts();
  void count();
  void release();
  void encodeResult(schema::TransferResult::Builder result);

  TransferCommons& commons_;
  TransferPlan plan_;
  schema::TransferObserver::Client observer_;
  EventLine events_;
  Times times_;
  uint64_t counted_ = 0;  // of the bytes that were moved

  // Each uses those before it.
  std::optional<HostEnd> fromHost_;
  std::optional<HostEnd> toHost_;
  kj::Own<transfer::Source> source_;
  kj::Own<transfer::Sink> sink_;
  std::optional<transfer::Mover> mover_;
};

}  // namespace cbs::engine
