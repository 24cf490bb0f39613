#include "tests/bench/storm_cost.h"

#include "tests/bench/process_figures.h"

namespace cbs::bench {

StormCost measureStorm(Contender& contender, const ManyAddresses& server, int connections) {
  double count = connections;
  auto before = settledFiguresOf(contender.pid());
  double serverBefore = server.lightCpuMs();
  Turn turn = contender.takeTurn();
  auto connected = settledFiguresOf(contender.pid());
  double serverConnected = server.lightCpuMs();
  contender.takeTurn();
  auto after = settledFiguresOf(contender.pid());

  double commandCpuMs = (after.cpuMs - connected.cpuMs) / count;
  double childrenCpuMs = (connected.childrenCpuMs - before.childrenCpuMs) / count;
  return {.perSecond = count / turn.seconds,
          .lagP99Ms = turn.lagP99Ms,
          .lagMaxMs = turn.lagMaxMs,
          .connectCpuMs = (connected.cpuMs - before.cpuMs) / count - commandCpuMs + childrenCpuMs,
          .childrenCpuMs = childrenCpuMs,
          .commandCpuMs = commandCpuMs,
          .serverCpuMs = (serverConnected - serverBefore) / count,
          .idleKiB = (connected.residentKiB - before.residentKiB) / count};
}

}  // namespace cbs::bench
