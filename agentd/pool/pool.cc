#include "agentd/pool/pool.h"

#include <kj/debug.h>

#include <algorithm>
#include <utility>

namespace cbs::pool {
namespace {

// A connection that was idle for so long is not likely to be used again at once: its memory is worth the 10 µs that
// handing it back costs.
constexpr kj::Duration kTrimAfter = 1 * kj::SECONDS;

// Connections in use are looked at this often, or as often as keepalives are due.
constexpr kj::Duration kInspection = 1 * kj::SECONDS;

// Connections whose time is over are closed a few at a time, spread over the clean-up interval in steps of this.
constexpr kj::Duration kClosingStep = 10 * kj::MILLISECONDS;

bool isOver(const Member& member, kj::TimePoint now) {
  const HostLimits& limits = member.host->limits();
  return member.idleTooLong(limits, now) || member.worn(limits, now);
}

}  // namespace

Pool::Pool(Loop loop, PoolLimits limits, kj::Own<Watcher> watcher)
    : loop_(loop),
      limits_(kj::mv(limits)),
      watcher_(kj::mv(watcher)),
      gatekeeper_(loop.timer, limits_.maxLoginsAtOnce, *watcher_),
      shares_(loop.timer, limits_),
      tasks_(*this) {
  tasks_.add(cleanUp());
  tasks_.add(inspect());
}

Pool::~Pool() noexcept(false) = default;

Task<Expected<Lease>> Pool::borrow(std::shared_ptr<const HostAccess> access, Use use) {
  auto share = co_await shares_.take(access->caller);
  if (!share) co_return fail(share.error());
  auto lease = co_await hostPool(*access).borrow(access, use);
  if (lease) lease->share = kj::mv(*share);
  co_return kj::mv(lease);
}

HostPool& Pool::hostPool(const HostAccess& access) {
  auto& pool = hosts_[access.key];
  if (pool == nullptr) {
    auto limits = limits_.of(access.alias, access.dial.transport.hostName);
    pool = std::make_unique<HostPool>(loop_, limits_, limits, gatekeeper_, instance());
  }
  return *pool;
}

void Pool::setLimits(PoolLimits limits) {
  limits_ = kj::mv(limits);
  gatekeeper_.setMaxLoginsAtOnce(limits_.maxLoginsAtOnce);
  for (auto& [key, host] : hosts_) {
    if (host->access() == nullptr) continue;
    host->setLimits(limits_.of(host->access()->alias, host->access()->dial.transport.hostName));
  }
  giveTurnsSoon();
}

HostPool* Pool::find(const std::string& key) {
  auto found = hosts_.find(key);
  return found == hosts_.end() ? nullptr : found->second.get();
}

void Pool::forEachHost(const std::function<void(HostPool&)>& visit) const {
  for (const auto& [key, host] : hosts_) visit(*host);
}

// One place for each turn: a host that wants several stands in line again.
bool Pool::takePlace(HostPool& host, bool onTheWay) {
  bool itsTurn = std::exchange(turn_, turn_ == &host ? nullptr : turn_) == &host;
  bool mayTake = itsTurn || line_.empty();
  auto makeRoom = [this]() {
    return closeOldestIdle("its place was needed for another host", [](const Member&) { return true; });
  };
  if (onTheWay || (mayTake && (places_ < limits_.maxConnections || makeRoom()))) {
    ++places_;
    return true;
  }
  if (inLine_.insert(&host).second) line_.push_back(&host);
  return false;
}

void Pool::givePlaceBack() {
  --places_;
  if (!line_.empty()) giveTurnsSoon();
}

template <typename Condition>
bool Pool::closeOldestIdle(const char* reason, Condition condition) {
  for (Member* member : idle_) {
    if (!member->idle() || member->connection->dead() || !condition(*member)) continue;
    member->host->close(*member, reason);
    return true;
  }
  return false;
}

bool Pool::closeIdleBehind(const std::string& key) {
  return closeOldestIdle("its tunnel was needed for another host", [&](const Member& member) {
    const auto& jump = member.host->access()->jump;
    return jump != nullptr && jump->key == key;
  });
}

Task<Expected<Reservation>> Pool::reserveTunnel(std::shared_ptr<const HostAccess> jump) {
  HostPool& host = hostPool(*jump);
  return host.reserveTunnel(kj::mv(jump));
}

// In a turn of the loop of its own: a connection that cannot be made may fail at once, and so give its place back.
void Pool::giveTurnsSoon() {
  if (std::exchange(givingTurns_, true)) return;
  tasks_.add(kj::evalLater([this]() {
    givingTurns_ = false;
    giveTurns();
  }));
}

void Pool::giveTurns() {
  for (size_t turns = line_.size(); turns > 0 && !line_.empty() && hasRoom(); --turns) {
    HostPool* host = line_.front();
    line_.pop_front();
    inLine_.erase(host);
    turn_ = host;
    host->serve();
    turn_ = nullptr;
  }
}

void Pool::joined(Member& member) { member.place = busy_.insert(busy_.end(), &member); }

void Pool::becameIdle(Member& member) {
  member.resting = true;
  idle_.splice(idle_.end(), busy_, member.place);
  recentlyIdle_.push_back(kj::addRef(member));
  if (!std::exchange(trimming_, true)) tasks_.add(trimIdle());
  if (!line_.empty()) giveTurnsSoon();
}

void Pool::becameBusy(Member& member) {
  if (std::exchange(member.resting, false)) busy_.splice(busy_.end(), idle_, member.place);
}

void Pool::left(Member& member) { (member.resting ? idle_ : busy_).erase(member.place); }

Task<void> Pool::trimIdle() {
  co_await loop_.timer.afterDelay(kTrimAfter);
  trimming_ = false;
  for (auto& member : std::exchange(recentlyIdle_, {})) {
    bool quiet = member->idle() && !member->connection->dead();
    if (!quiet) continue;
    if (loop_.timer.now() - member->usedAt >= kTrimAfter) {
      member->connection->trim();
    } else {
      recentlyIdle_.push_back(kj::mv(member));
    }
  }
  if (!recentlyIdle_.empty() && !std::exchange(trimming_, true)) tasks_.add(trimIdle());
}

Task<void> Pool::inspect() {
  for (;;) {
    co_await loop_.timer.afterDelay(kj::min(kInspection, limits_.host.keepaliveInterval));
    for (Member* member : busy_) member->host->inspect(*member);
  }
}

Task<void> Pool::cleanUp() {
  for (;;) {
    co_await loop_.timer.afterDelay(limits_.cleanupInterval);
    forgetHosts();
    gatekeeper_.cleanUp();
    co_await closeIdleTooLong();
  }
}

// As many in each step as it takes to be through in half of the interval.
Task<void> Pool::closeIdleTooLong() {
  const kj::TimePoint now = loop_.timer.now();
  std::vector<kj::Own<Member>> over;
  for (Member* member : idle_) {
    if (isOver(*member, now)) over.push_back(kj::addRef(*member));
  }
  size_t steps = kj::max(size_t{1}, static_cast<size_t>(limits_.cleanupInterval / 2 / kClosingStep));
  size_t each = over.size() / steps + 1;
  for (size_t i = 0; i < over.size(); ++i) {
    if (i > 0 && i % each == 0) co_await loop_.timer.afterDelay(kClosingStep);
    Member& member = *over[i];
    if (member.resting && isOver(member, loop_.timer.now())) member.host->close(member, "its time was over");
  }
}

void Pool::forgetHosts() {
  const kj::TimePoint now = loop_.timer.now();
  std::erase_if(hosts_, [&](const auto& entry) {
    HostPool* host = entry.second.get();
    return !inLine_.contains(host) && host->forgettable(now);
  });
}

void Pool::taskFailed(kj::Exception&& exception) { KJ_LOG(ERROR, "the pool's housekeeping failed", exception); }

}  // namespace cbs::pool
