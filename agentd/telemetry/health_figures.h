// What health is judged by.
#pragma once

#include "agentd/telemetry/clock_watch.h"
#include "agentd/telemetry/disk_room.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cbs::telemetry {

// Of connections that came to nothing for want of keys; sums since the start.
struct KeyFailures {
  uint64_t noKey = 0;             // there was no key to offer
  uint64_t agentUnavailable = 0;  // the ssh-agent did not answer
  uint64_t nobodyToAsk = 0;       // a passphrase or password was needed

  uint64_t sum() const { return noKey + agentUnavailable + nobodyToAsk; }
};

// What is now, and sums since the start. A limit of 0 is not known, and not judged.
struct HealthFigures {
  uint32_t openDescriptors = 0;
  uint32_t maxDescriptors = 0;
  uint32_t queueDepth = 0;
  uint32_t queueCapacity = 0;
  uint64_t rejected = 0;  // commands and transfers that the queue has refused
  uint32_t connections = 0;
  uint32_t maxConnections = 0;
  uint64_t loopLagP99Us = 0;
  uint64_t loopLagMaxUs = 0;
  uint32_t breakersOpen = 0;
  bool draining = false;
  KeyFailures keyFailures = {};
  std::string stateFolder = {};  // "": there is none
  DiskRoom disk = {};            // of that folder
  uint64_t jobOutputBytes = 0;   // that are kept, of all jobs
  uint64_t maxJobOutputBytes = 0;
  std::string journalFault = {};  // why there can be no jobs; "": there can
  std::string httpFault = {};     // why metrics and health are not served; "": they are, or need not be
  std::string logFault = {};      // why the log cannot be written; "": it can
  std::string auditFault = {};    // why the audit log cannot, without which nothing is run
};

// Figures with what they have been lately.
struct HealthSigns {
  HealthFigures now;
  uint64_t rejectedLately = 0;         // in the last kRejectionWindowMs
  KeyFailures keyFailuresLately = {};  // in the last kKeyWindowMs
  std::optional<ClockJump> clockJump;  // in the last kClockWindowMs
};

inline constexpr uint64_t kRejectionWindowMs = 60'000;
inline constexpr uint64_t kKeyWindowMs = 5 * 60'000;
inline constexpr uint64_t kClockWindowMs = 5 * 60'000;

}  // namespace cbs::telemetry
