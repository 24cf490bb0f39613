// How long a command takes while files are moved.
#pragma once

#include "tests/bench/bench_daemon.h"
#include "tests/bench/target.h"
#include "tests/bench/transfer_race.h"

namespace cbs::bench {

// Prints median and p95 of `true` on a warm connection, when nothing else goes on and beside uploads of `load`, which
// follow each other, and whether the second are at most `mostTimes` the first.
void compareLatency(const Load& load, const Target& target, const BenchDaemon& daemon, int turns, double mostTimes);

}  // namespace cbs::bench
