// The names of all that can be out of order. The manual (cbsession-agentd(8), Health) tells of each.
#pragma once

#include "schema/agent.capnp.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace cbs::telemetry {

using Severity = schema::Health::Status;

// In the order in which they are told.
enum class HealthCode {
  DRAINING,
  DESCRIPTORS_NEARLY_USED,
  QUEUE_NEARLY_FULL,
  QUEUE_REJECTING,
  POOL_NEARLY_FULL,
  LOOP_LAG,
  BREAKERS_OPEN,
  JOURNAL_NEARLY_FULL,
  JOURNAL_UNAVAILABLE,
  KEYS_MISSING,
  CLOCK_JUMPED,
  HTTP_UNAVAILABLE,
  LOG_UNAVAILABLE,
  AUDIT_UNAVAILABLE,
};

struct HealthCodeInfo {
  HealthCode code;
  std::string_view name;  // stable: programs know it
  Severity severity;
};

inline constexpr std::array kHealthCodes = {
    HealthCodeInfo{HealthCode::DRAINING, "draining", Severity::DOWN},
    HealthCodeInfo{HealthCode::DESCRIPTORS_NEARLY_USED, "descriptorsNearlyUsed", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::QUEUE_NEARLY_FULL, "queueNearlyFull", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::QUEUE_REJECTING, "queueRejecting", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::POOL_NEARLY_FULL, "poolNearlyFull", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::LOOP_LAG, "loopLag", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::BREAKERS_OPEN, "breakersOpen", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::JOURNAL_NEARLY_FULL, "journalNearlyFull", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::JOURNAL_UNAVAILABLE, "journalUnavailable", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::KEYS_MISSING, "keysMissing", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::CLOCK_JUMPED, "clockJumped", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::HTTP_UNAVAILABLE, "httpUnavailable", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::LOG_UNAVAILABLE, "logUnavailable", Severity::DEGRADED},
    HealthCodeInfo{HealthCode::AUDIT_UNAVAILABLE, "auditUnavailable", Severity::DOWN},
};

constexpr const HealthCodeInfo& infoOf(HealthCode code) { return kHealthCodes[static_cast<size_t>(code)]; }

}  // namespace cbs::telemetry
