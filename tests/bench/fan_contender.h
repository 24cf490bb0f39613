// What the measurement of commands on many hosts compares.
#pragma once

#include <string>

namespace cbs::bench {

// One command, on the first hosts of the server (loopbackAddress).
struct FanTask {
  int hosts = 0;
  std::string command;
};

// What it took.
struct FanCost {
  double seconds = 0;
  double cpuMs = 0;        // of the client: every process at its side
  double residentKiB = 0;  // the most of it, all processes together; 0: not measured
};

class FanContender {
 public:
  virtual ~FanContender() noexcept(false) = default;  // as KJ has it

  virtual std::string name() const = 0;

  // Runs it everywhere. Throws unless it exits with 0 on each host.
  virtual FanCost run(const FanTask& task) = 0;

  // Lets go of connections that are kept.
  virtual void disconnect() {}
};

}  // namespace cbs::bench
