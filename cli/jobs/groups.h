// How many jobs the daemon is asked about at once.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace cbs::cli {

constexpr size_t kGroup = 1000;         // of more, it leaves out commands and labels
constexpr size_t kMostAtOnce = 10'000;  // of more, it tells nothing

inline std::vector<std::vector<std::string>> inGroups(const std::vector<std::string>& jobs) {
  std::vector<std::vector<std::string>> groups;
  for (auto at = jobs.begin(); at != jobs.end();) {
    auto end = at + static_cast<ptrdiff_t>(std::min<size_t>(kGroup, static_cast<size_t>(jobs.end() - at)));
    groups.emplace_back(at, end);
    at = end;
  }
  return groups;
}

}  // namespace cbs::cli
