#include "tests/bench/machine.h"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace cbs::bench {

void allowManyDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void tellIfBusy() {
  double load = 0;
  unsigned cores = std::thread::hardware_concurrency();
  if (getloadavg(&load, 1) != 1 || load < 0.3 * cores) return;
  printf("this machine is busy (load %.1f on %u cores): compare columns, not with other runs\n", load, cores);
}

}  // namespace cbs::bench
