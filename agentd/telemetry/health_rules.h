// When each condition holds.
#pragma once

#include "agentd/telemetry/health_codes.h"
#include "agentd/telemetry/health_figures.h"

namespace cbs::telemetry {

// A condition that holds already ends somewhat beyond the limit at which it has begun.
bool holds(HealthCode code, const HealthSigns& signs, bool already);

// The two reasons for journalNearlyFull.
bool diskNearlyFull(const HealthFigures& figures, bool already);
bool outputNearlyFull(const HealthFigures& figures, bool already);

}  // namespace cbs::telemetry
