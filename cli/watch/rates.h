// How fast the daemon's counters went between two answers.
#pragma once

#include "cli/watch/sample.h"

#include <optional>
#include <vector>

namespace cbs::cli {

// Each a second. Nothing where it cannot be told: there is no earlier answer, or the counter began anew.
struct HostRates {
  std::optional<double> commands = {};
  std::optional<double> bytesIn = {};
  std::optional<double> bytesOut = {};
};

struct Rates {
  std::optional<double> commands = {};
  std::optional<double> rejected = {};
  std::optional<double> uploadBytes = {};
  std::optional<double> downloadBytes = {};
  std::optional<double> cpuPercent = {};  // of one processor
  std::vector<HostRates> hosts = {};      // one for each of the later answer's
};

// `before` is null for the first answer. The time between the two is the daemon's own; if it is another daemon by now,
// there are no rates.
Rates ratesBetween(const Sample* before, const Sample& now);

}  // namespace cbs::cli
