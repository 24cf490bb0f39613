#include "cli/fanout/output_groups.h"

#include <algorithm>
#include <utility>

namespace cbs::cli {

Expected<void> OutputGroups::append(uint32_t host, kj::ArrayPtr<const kj::byte> bytes) {
  constexpr uint64_t kPrime = 0x100000001b3;
  Open& open = open_[host];
  uint64_t hash = open.hash;
  for (kj::byte byte : bytes) hash = (hash ^ byte) * kPrime;
  open.hash = hash;
  return spool_.append(open.text, bytes);
}

Expected<void> OutputGroups::close(uint32_t host, bool evenIfEmpty) {
  auto node = open_.extract(host);
  if (!node.empty()) return put(host, std::move(node.mapped()));
  return evenIfEmpty ? put(host, {}) : Expected<void>();
}

// The hash finds what may be the same; the bytes decide.
Expected<void> OutputGroups::put(uint32_t host, Open open) {
  auto [first, last] = byHash_.equal_range(open.hash);
  for (auto place = first; place != last; ++place) {
    Group& group = groups_[place->second];
    auto same = spool_.equal(group.text, open.text);
    if (!same) return fail(same.error());
    if (!*same) continue;
    spool_.drop(open.text);
    group.hosts.push_back(host);
    return {};
  }
  byHash_.emplace(open.hash, groups_.size());
  groups_.push_back({std::move(open.text), {host}});
  return {};
}

Expected<std::vector<OutputGroups::Group>> OutputGroups::finish() {
  while (!open_.empty()) {
    if (auto closed = close(open_.begin()->first); !closed) return fail(closed.error());
  }
  for (Group& group : groups_) std::sort(group.hosts.begin(), group.hosts.end());
  std::sort(groups_.begin(), groups_.end(), [](const Group& one, const Group& other) {
    if (one.hosts.size() != other.hosts.size()) return one.hosts.size() > other.hosts.size();
    return one.hosts.front() < other.hosts.front();
  });
  return std::move(groups_);
}

}  // namespace cbs::cli
