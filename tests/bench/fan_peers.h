// Programs that run a command on many hosts over OpenSSH's client.
#pragma once

#include "tests/bench/control_masters.h"
#include "tests/bench/fan_contender.h"
#include "tests/bench/many_addresses.h"

#include <memory>
#include <vector>

namespace cbs::bench {

enum class FanTool { kClush, kPdsh, kParallelSsh, kXargs };

const char* nameOf(FanTool tool);
// False if this machine does not have it.
bool isHere(FanTool tool);

class FanPeer final : public FanContender {
 public:
  // `jobs` hosts are at work at once. With `masters` it uses their connections, else it logs in each time. Both
  // outlive it.
  FanPeer(FanTool tool, const ManyAddresses& server, const ControlMasters* masters, int jobs);

  std::string name() const override;
  // The processor time of the masters counts.
  FanCost run(const FanTask& task) override;

 private:
  std::vector<std::string> commandLine(const FanTask& task) const;

  test::TempFolder folder_;
  FanTool tool_;
  const ControlMasters* masters_;
  std::string configFile_;
  std::string user_;
  std::string jobs_;
};

}  // namespace cbs::bench
