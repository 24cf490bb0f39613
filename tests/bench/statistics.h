// What many measurements of one thing come to.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace cbs::bench {

// The value below which the share `q` (0 to 1) of the values lies; between two of them, in proportion. There must be
// one.
inline double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  double place = q * static_cast<double>(values.size() - 1);
  auto below = static_cast<size_t>(std::floor(place));
  auto above = static_cast<size_t>(std::ceil(place));
  return values[below] + (values[above] - values[below]) * (place - std::floor(place));
}

inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

}  // namespace cbs::bench
