#include "tests/bench/fanned_daemon.h"

#include "tests/bench/measured_program.h"
#include "tests/bench/process_figures.h"
#include "tests/support/failure.h"

namespace cbs::bench {
namespace {

// The defaults, with room for one connection more than a thousand, which wait for their turn for longer than five
// minutes. The log is what it is by default, but not for who reads the figures.
std::string settings(const std::string& logFile) {
  return "max_connections_per_instance = 2000\nconnection_idle_timeout_ms = 3600000\n[log]\nfile = \"" + logFile +
         "\"\n";
}

}  // namespace

FannedDaemon::FannedDaemon(Programs programs, const ManyAddresses& server)
    : daemon_(std::move(programs), server.sshConfig(), settings(folder_.path("log")), "default"),
      client_(daemon_.socket(), 1) {
  client_.runAt({"127.0.0.1"}, 1);  // what is made once has been made
}

FanCost FannedDaemon::run(const FanTask& task) {
  auto argv = daemon_.exec(loopbackNodeSet(task.hosts), task.command);
  forgetPeak(daemon_.pid());
  double before = cpuMs();
  auto cli = runMeasured(argv);
  double daemonCpuMs = cpuMs() - before;
  return {.seconds = cli.seconds,
          .cpuMs = cli.cpuMs + daemonCpuMs,
          .residentKiB = cli.residentKiB + peakResidentKiB(daemon_.pid())};
}

void FannedDaemon::disconnect() { runMeasured(daemon_.command({"disconnect", "--all"})); }

void FannedDaemon::requireCreated(int connections) {
  int made = created();
  if (made == connections) return;
  test::fail("the daemon should have made " + std::to_string(connections) + " connections so far, but has made " +
             std::to_string(made) + ": its times are not what they are said to be");
}

// What it has started is counted in steps of 10 ms.
double FannedDaemon::cpuMs() const { return ownCpuMs(daemon_.pid()) + figuresOf(daemon_.pid()).childrenCpuMs; }

}  // namespace cbs::bench
