// The CLI and its daemon, as commands on many hosts meet them.
#pragma once

#include "tests/bench/bench_daemon.h"
#include "tests/bench/fan_contender.h"
#include "tests/bench/many_addresses.h"
#include "tests/bench/storm_client.h"

namespace cbs::bench {

class FannedDaemon final : public FanContender {
 public:
  // A daemon with the limits of the profile `scaling`, which has logged in to the server once.
  FannedDaemon(Programs programs, const ManyAddresses& server);

  std::string name() const override { return "cbsession exec"; }
  // CPU and memory are the CLI's and the daemon's, with what the daemon has started.
  FanCost run(const FanTask& task) override;
  void disconnect() override;

  // Throws unless it has made this many connections since its start: those are of runs that were to make them.
  void requireCreated(int connections);
  int created() { return client_.figures().created; }

 private:
  double cpuMs() const;

  test::TempFolder folder_;
  BenchDaemon daemon_;
  StormClient client_;
};

}  // namespace cbs::bench
