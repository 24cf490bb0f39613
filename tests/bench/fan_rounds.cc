#include "tests/bench/fan_rounds.h"

#include "tests/bench/statistics.h"

#include <algorithm>
#include <cstdio>

namespace cbs::bench {
namespace {

std::vector<double> valuesOf(const FanSeries& series, double FanCost::*value) {
  std::vector<double> values;
  for (const FanCost& cost : series.costs) values.push_back(cost.*value);
  return values;
}

}  // namespace

std::vector<FanSeries> runInTurns(const std::vector<FanContender*>& contenders, const FanTask& task,
                                  Connections connections, int turns) {
  std::vector<FanSeries> all;
  for (FanContender* contender : contenders) all.push_back({contender->name(), {}});
  if (connections == Connections::kKept) {
    for (FanContender* contender : contenders) contender->run(task);
  }
  for (int turn = 0; turn < turns; ++turn) {
    for (size_t place = 0; place < contenders.size(); ++place) {
      size_t next = (place + static_cast<size_t>(turn)) % contenders.size();
      if (connections == Connections::kMade) contenders[next]->disconnect();
      all[next].costs.push_back(contenders[next]->run(task));
    }
  }
  return all;
}

void print(const std::vector<FanSeries>& all) {
  printf("%-32s %10s %8s %8s %13s %12s\n", "", "s, median", "least", "most", "CPU s, client", "MiB, most");
  for (const FanSeries& series : all) {
    auto seconds = valuesOf(series, &FanCost::seconds);
    printf("%-32s %10.3f %8.3f %8.3f %13.3f", series.name.c_str(), median(seconds), quantile(seconds, 0),
           quantile(seconds, 1), medianCpuMs(series) / 1000);
    double kiB = mostResidentKiB(series);
    if (kiB > 0) printf(" %12.1f", kiB / 1024);
    printf("\n");
  }
}

double medianSeconds(const FanSeries& series) { return median(valuesOf(series, &FanCost::seconds)); }

double medianCpuMs(const FanSeries& series) { return median(valuesOf(series, &FanCost::cpuMs)); }

double mostResidentKiB(const FanSeries& series) { return quantile(valuesOf(series, &FanCost::residentKiB), 1); }

double timesAsLong(const FanSeries& one, const FanSeries& other) {
  std::vector<double> ratios;
  for (size_t turn = 0; turn < std::min(one.costs.size(), other.costs.size()); ++turn) {
    ratios.push_back(one.costs[turn].seconds / other.costs[turn].seconds);
  }
  return median(ratios);
}

}  // namespace cbs::bench
