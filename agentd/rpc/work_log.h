// What callers have asked for: what is under way, what became of commands, and how long they waited and took.
#pragma once

#include "agentd/core/job_id.h"
#include "agentd/telemetry/latency_histogram.h"
#include "schema/types.capnp.h"

#include <kj/async.h>
#include <kj/time.h>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::rpc {

// What can become of a command, and its names in schema Stats.outcomes.
enum class Fate { SUCCEEDED, FAILED, SIGNALLED, NOT_SENT, UNKNOWN };
constexpr std::array<std::string_view, 5> kFates = {"succeeded", "failed", "signalled", "notSent", "unknown"};

// A command that ended because it was told to has not succeeded, whatever its status.
Fate fateOf(schema::Outcome::Reader outcome);

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

  // By which logs and callers know a piece of work.
  std::string newId();

  // Resolves when nothing is under way.
  kj::Promise<void> whenIdle();

  // Notes what became of a command, or of a job's attempt, and how long it ran, if it did. Of each one is to be noted
  // once.
  void commandEnded(schema::Outcome::Reader outcome);
  void commandEnded(Fate fate) { ++fates_[static_cast<size_t>(fate)]; }
  const telemetry::LatencyHistogram& commandTimes() const { return commandTimes_; }
  uint64_t count(Fate fate) const { return fates_[static_cast<size_t>(fate)]; }

  // Notes how long somebody has waited for a lane that he got.
  void gotLane(kj::Duration waited) { queueWaits_.record(static_cast<uint64_t>(waited / kj::MICROSECONDS)); }
  const telemetry::LatencyHistogram& queueWaits() const { return queueWaits_; }

 private:
  void leave();

  core::JobIds ids_;
  std::mt19937_64 random_{std::random_device{}()};
  size_t underWay_ = 0;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waitForIdle_;
  std::array<uint64_t, kFates.size()> fates_ = {};
  telemetry::LatencyHistogram commandTimes_;
  telemetry::LatencyHistogram queueWaits_;
};

}  // namespace cbs::rpc
