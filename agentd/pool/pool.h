// All connections of an engine.
#pragma once

#include "agentd/pool/caller_shares.h"
#include "agentd/pool/gatekeeper.h"
#include "agentd/pool/host_pool.h"
#include "agentd/pool/instance.h"

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace cbs::pool {

class Pool : private Instance, private kj::TaskSet::ErrorHandler {
 public:
  Pool(Loop loop, PoolLimits limits, kj::Own<Watcher> watcher = kj::heap<Watcher>());
  ~Pool() noexcept(false);
  KJ_DISALLOW_COPY(Pool);

  // As HostPool::borrow, for the host of that access, within the caller's share.
  Task<Expected<Lease>> borrow(std::shared_ptr<const HostAccess> access, Use use = Use::SESSION);

  // For connections that are there as well; none is dropped for it.
  void setLimits(PoolLimits limits);

  // The pool of the host with that key, if there is one.
  HostPool* find(const std::string& key);
  // Calls `visit` for each host with connections, made or in the making, or of which something is remembered.
  void forEachHost(const std::function<void(HostPool&)>& visit) const;
  // How many that are.
  size_t hosts() const { return hosts_.size(); }

  const PoolCounters& counters() const { return counters_; }
  const PoolLimits& limits() const { return limits_; }
  const Gatekeeper& gatekeeper() const { return gatekeeper_; }
  // As ssh::AddressGate::mayLookUp.
  kj::Promise<Turnstile::Pass> mayLookUp() { return gatekeeper_.mayLookUp(); }

 private:
  HostPool& hostPool(const HostAccess& access);
  template <typename Condition>
  bool closeOldestIdle(const char* reason, Condition condition);
  bool hasRoom() const { return places_ < limits_.maxConnections || !idle_.empty(); }
  void giveTurnsSoon();
  void giveTurns();

  Instance& instance() { return *this; }
  bool takePlace(HostPool& host, bool onTheWay) override;
  bool full() const override { return !hasRoom(); }
  void givePlaceBack() override;
  void joined(Member& member) override;
  void becameIdle(Member& member) override;
  void becameBusy(Member& member) override;
  void left(Member& member) override;
  Task<Expected<Reservation>> reserveTunnel(std::shared_ptr<const HostAccess> jump) override;
  bool closeIdleBehind(const std::string& key) override;
  PoolCounters& count() override { return counters_; }
  Watcher& watcher() override { return *watcher_; }
  uint64_t random() override { return random_(); }
  void taskFailed(kj::Exception&& exception) override;

  Task<void> cleanUp();
  Task<void> closeIdleTooLong();
  Task<void> inspect();
  void forgetHosts();
  Task<void> trimIdle();

  Loop loop_;
  PoolLimits limits_;
  kj::Own<Watcher> watcher_;
  std::mt19937_64 random_{std::random_device()()};
  PoolCounters counters_;
  Gatekeeper gatekeeper_;
  CallerShares shares_;
  size_t places_ = 0;
  std::list<Member*> idle_;               // the longest idle first
  std::list<Member*> busy_;               // all others
  std::deque<HostPool*> line_;            // hosts that want another connection, in the order of their turns
  std::unordered_set<HostPool*> inLine_;  // the same hosts
  HostPool* turn_ = nullptr;              // the host that may have the next place, ahead of the line
  bool givingTurns_ = false;
  std::vector<kj::Own<Member>> recentlyIdle_;
  bool trimming_ = false;
  std::unordered_map<std::string, std::unique_ptr<HostPool>> hosts_;
  kj::TaskSet tasks_;
};

}  // namespace cbs::pool
