// All connections of an engine.
#pragma once

#include "agentd/pool/host_pool.h"

#include <kj/map.h>

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace cbs::pool {

class Pool : private Budget, private kj::TaskSet::ErrorHandler {
 public:
  Pool(Loop loop, PoolLimits limits);
  ~Pool() noexcept(false);
  KJ_DISALLOW_COPY(Pool);

  // As HostPool::borrow, for the host of that access.
  Task<Expected<Lease>> borrow(std::shared_ptr<const HostAccess> access);

  // Calls `visit` for each host with connections, made or in the making.
  void forEachHost(const std::function<void(const HostPool&)>& visit) const;

  const PoolCounters& counters() const { return counters_; }
  const PoolLimits& limits() const { return limits_; }

 private:
  HostPool& hostPool(const std::string& key);
  size_t connections() const;
  Member* leastRecentlyUsedIdle(HostPool*& owner);

  Budget& budget() { return *this; }
  bool makeRoom() override;
  void becameIdle(Member& member) override;
  void connectionEnded() override;
  void taskFailed(kj::Exception&& exception) override;

  Task<void> cleanUp();
  void closeOld();
  Task<void> trimIdle();

  Loop loop_;
  PoolLimits limits_;
  PoolCounters counters_;
  std::unordered_map<std::string, std::unique_ptr<HostPool>> hosts_;
  std::vector<kj::Own<Member>> recentlyIdle_;
  bool trimming_ = false;
  kj::TaskSet tasks_;
};

}  // namespace cbs::pool
