// The floor of a command on many hosts: one process, one loop, libssh2 and nothing else.
#pragma once

#include "tests/bench/bare_host.h"
#include "tests/bench/fan_contender.h"
#include "tests/bench/many_addresses.h"

#include <memory>
#include <vector>

namespace cbs::bench {

class BareFleet final : public FanContender {
 public:
  // `jobs` hosts are at work at once. `server` outlives it.
  BareFleet(const ManyAddresses& server, int jobs);

  std::string name() const override { return "bare libssh2, " + std::to_string(jobs_) + " at once"; }
  FanCost run(const FanTask& task) override;
  void disconnect() override { hosts_.clear(); }

  void setJobs(int jobs) { jobs_ = jobs; }

 private:
  void runEverywhere(const FanTask& task);
  void begin(size_t index, const FanTask& task);
  void advance(size_t index);
  // Waits for hosts whose sockets have something to tell.
  void advanceThoseReady();

  const ManyAddresses& server_;
  BareKey key_;
  int jobs_;
  test::UniqueFd epoll_;
  std::vector<std::unique_ptr<BareHost>> hosts_;
  std::vector<bool> busy_;
  size_t ended_ = 0;  // of this run
};

}  // namespace cbs::bench
