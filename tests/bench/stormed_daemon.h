// The daemon as the storm of connections meets it.
#pragma once

#include "tests/bench/bench_daemon.h"
#include "tests/bench/contender.h"
#include "tests/bench/many_addresses.h"
#include "tests/bench/storm_client.h"

#include <string>
#include <vector>

namespace cbs::bench {

class StormedDaemon final : public Contender {
 public:
  // A daemon with the limits of the profile `scaling`, which has logged in to the server once. `jobs` commands are
  // under way at once.
  StormedDaemon(Programs programs, const ManyAddresses& server, std::vector<std::string> addresses, int jobs);

  pid_t pid() const override { return daemon_.pid(); }
  // Prints how long the commands took, and how long somebody else waited for the daemon meanwhile.
  Turn takeTurn() override;

  // Leaves the connections alone for so long, and gives the daemon's share of a core meanwhile, in percent. Throws if
  // one of them is gone afterwards.
  double hold(double seconds);

 private:
  StormClient::Figures checkedFigures();

  BenchDaemon daemon_;
  StormClient client_;
  std::vector<std::string> addresses_;
  int jobs_;
};

}  // namespace cbs::bench
