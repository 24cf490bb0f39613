#include "tests/bench/stormed_daemon.h"

#include "tests/bench/process_figures.h"
#include "tests/bench/statistics.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/failure.h"

#include <unistd.h>

#include <cstdio>

namespace cbs::bench {
namespace {

constexpr int kCallers = 4;

// The profile keeps an idle connection for a minute only, and these are to be held for longer.
constexpr const char* kSettings = "connection_idle_timeout_ms = 3600000\n";

void print(size_t commands, double seconds, double callerCpuMs, const StormClient::Times& times) {
  printf("cbsession: %zu commands in %.2f s; the callers (this program) took %.2f ms of CPU for each\n", commands,
         seconds, callerCpuMs / static_cast<double>(commands));
  printf("  median ms of a command: %.1f, with connect %.1f, handshake %.1f, login %.1f, the command itself %.1f\n",
         median(times.whole), median(times.connect), median(times.handshake), median(times.authenticate),
         median(times.command));
  if (times.hello.empty()) return;  // it was over too soon
  printf("  ms until another caller's hello was answered: median %.1f, p99 %.1f, most %.1f\n", median(times.hello),
         quantile(times.hello, 0.99), quantile(times.hello, 1));
}

}  // namespace

StormedDaemon::StormedDaemon(Programs programs, const ManyAddresses& server, std::vector<std::string> addresses,
                             int jobs)
    : daemon_(std::move(programs), server.sshConfig(), kSettings, "scaling"),
      client_(daemon_.socket(), kCallers),
      addresses_(std::move(addresses)),
      jobs_(jobs) {
  client_.runAt({"127.0.0.1"}, 1);  // what is made once has been made
}

Turn StormedDaemon::takeTurn() {
  auto before = figuresOf(getpid());
  Stopwatch stopwatch;
  client_.runAt(addresses_, jobs_);
  double seconds = stopwatch.seconds();
  double callerCpuMs = figuresOf(getpid()).cpuMs - before.cpuMs;
  auto figures = checkedFigures();
  print(addresses_.size(), seconds, callerCpuMs, client_.times());
  return {.seconds = seconds, .lagP99Ms = figures.lagP99Ms, .lagMaxMs = figures.lagMaxMs};
}

double StormedDaemon::hold(double seconds) {
  auto before = figuresOf(pid());
  Stopwatch stopwatch;
  client_.idleFor(seconds);
  double heldMs = stopwatch.milliseconds();
  auto after = figuresOf(pid());
  checkedFigures();
  return 100 * (after.cpuMs - before.cpuMs) / heldMs;
}

// One to each address, the first of all (127.0.0.1) included, and none of them a second one.
StormClient::Figures StormedDaemon::checkedFigures() {
  auto figures = client_.figures();
  int wanted = static_cast<int>(addresses_.size()) + 1;
  if (figures.connections == wanted && figures.created == wanted) return figures;
  test::fail("the daemon should have made " + std::to_string(wanted) + " connections and kept them, but has made " +
             std::to_string(figures.created) + " and has " + std::to_string(figures.connections));
}

}  // namespace cbs::bench
