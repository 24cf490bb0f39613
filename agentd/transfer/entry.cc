#include "agentd/transfer/entry.h"

#include <algorithm>

namespace cbs::transfer {

std::string placeOf(std::string_view path, const std::string& place, const Roots& roots) {
  const bool renamed = roots.count == 1 && !roots.first.path.empty();
  if (renamed) path.remove_prefix(std::min(path.size(), path.find('/')));
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  if (path.empty()) return place;
  return place + (place.ends_with('/') ? "" : "/") + std::string(path);
}

}  // namespace cbs::transfer
