#include "tests/bench/control_masters.h"

#include "tests/bench/interruption.h"
#include "tests/bench/process_figures.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/failure.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

namespace cbs::bench {

ControlMasters::ControlMasters(const ManyAddresses& server, int hosts, int jobs)
    : configFile_(folder_.write("ssh_config", server.sshConfig() + "  ControlPath " + folder_.path("%h") + "\n")) {
  Stopwatch stopwatch;
  std::vector<std::string> starting;
  for (int next = 0; next < hosts || !starting.empty();) {
    while (next < hosts && static_cast<int>(starting.size()) < jobs) {
      starting.push_back(loopbackAddress(next++));
      start(starting.back());
    }
    std::this_thread::sleep_for(test::milliseconds(5));
    std::erase_if(starting, [&](const std::string& address) { return ready(address); });
    throwIfInterrupted();
    for (auto& master : masters_) {
      if (!master->running()) test::fail("a ControlMaster did not come up");
    }
  }
  seconds_ = stopwatch.seconds();
}

void ControlMasters::start(const std::string& address) {
  masters_.push_back(std::make_unique<test::ChildProcess>(
      test::Program{.argv = {"ssh", "-F", configFile_, "-MN", address}, .descriptors = {{2, STDERR_FILENO}}}));
}

// It makes its socket under another name first: once it is there, the master has logged in and listens.
bool ControlMasters::ready(const std::string& address) const {
  return access(folder_.path(address).c_str(), F_OK) == 0;
}

double ControlMasters::cpuMs() const {
  double sum = 0;
  for (const auto& master : masters_) sum += ownCpuMs(master->pid());
  return sum;
}

}  // namespace cbs::bench
