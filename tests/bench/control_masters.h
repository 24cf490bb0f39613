// OpenSSH's way of keeping connections: a ControlMaster for each host.
#pragma once

#include "tests/bench/many_addresses.h"

#include <memory>
#include <string>
#include <vector>

namespace cbs::bench {

class ControlMasters {
 public:
  // Has a master log in at each of the first `hosts` addresses, `jobs` at once. Throws when one does not come up.
  ControlMasters(const ManyAddresses& server, int hosts, int jobs);

  // An ssh_config whose users find them.
  const std::string& configFile() const { return configFile_; }
  // Seconds that it took until all were there.
  double seconds() const { return seconds_; }
  // Their processor time so far, all together.
  double cpuMs() const;

 private:
  void start(const std::string& address);
  bool ready(const std::string& address) const;

  test::TempFolder folder_;
  std::string configFile_;
  std::vector<std::unique_ptr<test::ChildProcess>> masters_;
  double seconds_ = 0;
};

}  // namespace cbs::bench
