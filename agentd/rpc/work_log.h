// What callers have asked for: what is under way, and how long commands took.
#pragma once

#include "agentd/telemetry/latency_histogram.h"
#include "schema/types.capnp.h"

#include <kj/async.h>

#include <vector>

namespace cbs::rpc {

class WorkLog {
 public:
  // A piece of work, under way as long as this exists. The log outlives it.
  class Entry {
   public:
    explicit Entry(WorkLog& log) : log_(log) { ++log_.underWay_; }
    ~Entry() { log_.leave(); }
    KJ_DISALLOW_COPY(Entry);

   private:
    WorkLog& log_;
  };

  // Resolves when nothing is under way.
  kj::Promise<void> whenIdle();

  // Notes how long a command ran, if it did.
  void commandEnded(schema::Outcome::Reader outcome);
  const telemetry::LatencyHistogram& commandTimes() const { return commandTimes_; }

 private:
  void leave();

  size_t underWay_ = 0;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waitForIdle_;
  telemetry::LatencyHistogram commandTimes_;
};

}  // namespace cbs::rpc
