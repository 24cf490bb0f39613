// Which connection of a host is lent to whom.
#include "agentd/pool/host_pool.h"

#include <algorithm>

namespace cbs::pool {

Reservation HostPool::promise(Member& member, Use use) {
  if (member.idle()) member.bulk = use == Use::BULK && !shared();
  return Reservation(member, use);
}

bool HostPool::mayLend(const Member& member, Use use) {
  if (!member.hasRoom(use)) return false;
  if (use == Use::BULK) return mayLendForBulk(member);
  return shared() || !member.carriesBulk() || (use == Use::SESSION && commandsMustShare());
}

bool HostPool::mayLendForBulk(const Member& member) {
  if (shared()) return member.mayShare();
  if (member.carriesBulk() || (member.idle() && placesForBulk() > 0)) return true;
  return member.mayShare() && transfersMustShare();
}

bool HostPool::allCarryBulk() const {
  return !members_.empty() && std::all_of(members_.begin(), members_.end(), [](const auto& member) {
    return !member->usable() || member->carriesBulk();
  });
}

bool HostPool::noneCarriesBulk() const {
  return std::none_of(members_.begin(), members_.end(),
                      [](const auto& member) { return member->usable() && member->carriesBulk(); });
}

// There is no connection for them, and none can be made.
bool HostPool::commandsMustShare() const {
  bool noOther = members_.size() >= limits_.maxConnections || instance_.full();
  return noOther && dials_.empty() && allCarryBulk();
}

// The first of them has waited long enough, for whatever reason there is no connection for them.
bool HostPool::transfersMustShare() {
  dropGone(bulk_);
  bool late = !bulk_.empty() && loop_.timer.now() - bulk_.front().since >= kShareAfter;
  return late && dials_.empty() && noneCarriesBulk();
}

// How many more connections may carry transfers.
size_t HostPool::placesForBulk() const {
  size_t most = std::max(1u, limits_.maxConnections - 1);
  size_t taken = static_cast<size_t>(
      std::count_if(members_.begin(), members_.end(), [](const auto& member) { return member->carriesBulk(); }));
  return most - std::min(most, taken);
}

// The least busy is the best, as each is one process on the server; of equals the one used last, so that the others can
// grow old. Transfers keep together, to leave the rest to commands; and while one waits for a connection to become
// idle, commands keep together.
bool HostPool::better(const Member& one, const Member& other, Use use) const {
  if (use == Use::BULK && one.carriesBulk() != other.carriesBulk()) return one.carriesBulk();
  if (one.load() == other.load()) return one.usedAt > other.usedAt;
  bool gather = use == Use::SESSION && !bulk_.empty() && !shared();
  return gather ? one.load() > other.load() : one.load() < other.load();
}

Member* HostPool::pick(Use use) {
  const kj::TimePoint now = loop_.timer.now();
  Member* best = nullptr;
  for (auto& member : members_) {
    if (!mayLend(*member, use)) continue;
    if (member->worn(limits_, now)) {
      retire(*member);
      continue;
    }
    if (best == nullptr || better(*member, *best, use)) best = member.get();
  }
  return best;
}

}  // namespace cbs::pool
