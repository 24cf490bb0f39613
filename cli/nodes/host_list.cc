#include "cli/nodes/host_list.h"

#include <algorithm>

namespace cbs::cli {

void HostList::add(std::string name) {
  auto [place, fresh] = names_.insert(std::move(name));
  if (fresh) order_.push_back(&*place);
}

void HostList::add(const HostList& others) {
  for (const std::string* name : others.order_) add(*name);
}

template <typename Predicate>
void HostList::dropIf(Predicate predicate) {
  std::vector<const std::string*> kept;
  for (const std::string* name : order_) {
    if (predicate(*name)) {
      names_.erase(*name);
    } else {
      kept.push_back(name);
    }
  }
  order_ = std::move(kept);
}

void HostList::remove(const HostList& others) {
  dropIf([&](const std::string& name) { return others.contains(name); });
}

void HostList::keepOnly(const HostList& others) {
  dropIf([&](const std::string& name) { return !others.contains(name); });
}

void HostList::toggle(const HostList& others) {
  std::vector<const std::string*> fresh;
  for (const std::string* name : others.order_) {
    if (!contains(*name)) fresh.push_back(name);
  }
  remove(others);
  for (const std::string* name : fresh) add(*name);
}

std::vector<std::string> HostList::names() const {
  std::vector<std::string> names;
  names.reserve(order_.size());
  for (const std::string* name : order_) names.push_back(*name);
  return names;
}

}  // namespace cbs::cli
