#include "agentd/pool/pool.h"

#include <kj/debug.h>

#include <utility>

namespace cbs::pool {
namespace {

// A connection that was idle for so long is not likely to be used again at once: its memory is worth the 10 µs that
// handing it back costs.
constexpr kj::Duration kTrimAfter = 1 * kj::SECONDS;

}  // namespace

Pool::Pool(Loop loop, PoolLimits limits) : loop_(loop), limits_(kj::mv(limits)), tasks_(*this) {
  tasks_.add(cleanUp());
}

Pool::~Pool() noexcept(false) = default;

Task<Expected<Lease>> Pool::borrow(std::shared_ptr<const HostAccess> access) {
  return hostPool(access->key).borrow(access);
}

HostPool& Pool::hostPool(const std::string& key) {
  auto& pool = hosts_[key];
  if (pool == nullptr) pool = std::make_unique<HostPool>(loop_, limits_, counters_, budget());
  return *pool;
}

void Pool::forEachHost(const std::function<void(const HostPool&)>& visit) const {
  for (const auto& [key, host] : hosts_) visit(*host);
}

size_t Pool::connections() const {
  size_t count = 0;
  for (const auto& [key, host] : hosts_) count += host->members().size() + host->dials().size();
  return count;
}

Member* Pool::leastRecentlyUsedIdle(HostPool*& owner) {
  Member* oldest = nullptr;
  for (auto& [key, host] : hosts_) {
    for (auto& member : host->members()) {
      if (!member->idle() || member->connection->dead()) continue;
      if (oldest != nullptr && oldest->usedAt <= member->usedAt) continue;
      oldest = member.get();
      owner = host.get();
    }
  }
  return oldest;
}

bool Pool::makeRoom() {
  if (connections() < limits_.maxConnections) return true;
  HostPool* owner = nullptr;
  Member* victim = leastRecentlyUsedIdle(owner);
  if (victim == nullptr) return false;
  owner->close(*victim, "its place was needed for another host");
  return true;
}

void Pool::becameIdle(Member& member) {
  recentlyIdle_.push_back(kj::addRef(member));
  if (!std::exchange(trimming_, true)) tasks_.add(trimIdle());
}

void Pool::connectionEnded() {
  for (auto& [key, host] : hosts_) {
    if (host->waiting() > 0) host->serve();
  }
}

Task<void> Pool::trimIdle() {
  co_await loop_.timer.afterDelay(kTrimAfter);
  trimming_ = false;
  for (auto& member : std::exchange(recentlyIdle_, {})) {
    bool quiet = member->idle() && !member->connection->dead();
    if (!quiet) continue;
    if (loop_.timer.now() - member->usedAt >= kTrimAfter) {
      member->connection->trim();
    } else {
      becameIdle(*member);
    }
  }
}

Task<void> Pool::cleanUp() {
  for (;;) {
    co_await loop_.timer.afterDelay(limits_.cleanupInterval);
    closeOld();
  }
}

void Pool::closeOld() {
  const kj::TimePoint now = loop_.timer.now();
  for (auto& [key, host] : hosts_) {
    for (auto& member : host->members()) {
      if (member->idle() && now - member->usedAt >= limits_.idleTimeout) {
        host->close(*member, "it was idle for too long");
      }
    }
  }
  std::erase_if(hosts_,
                [&](const auto& entry) { return entry.second->abandoned() && !entry.second->breakerOpen(now); });
}

void Pool::taskFailed(kj::Exception&& exception) { KJ_LOG(ERROR, "the pool's housekeeping failed", exception); }

}  // namespace cbs::pool
