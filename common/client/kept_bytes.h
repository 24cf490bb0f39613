// Output that is kept up to a limit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace cbs::client {

// Appends what there is room for; false if that is not all.
inline bool keep(std::string_view bytes, size_t limit, std::string& to) {
  auto kept = bytes.substr(0, limit - std::min(limit, to.size()));
  to += kept;
  return kept.size() == bytes.size();
}

}  // namespace cbs::client
