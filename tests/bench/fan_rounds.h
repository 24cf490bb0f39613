// Contenders that run the same command on the same hosts, in turns.
#pragma once

#include "tests/bench/fan_contender.h"

#include <string>
#include <vector>

namespace cbs::bench {

struct FanSeries {
  std::string name;
  std::vector<FanCost> costs;  // turn by turn
};

enum class Connections {
  kKept,  // are there before, made by a run that does not count
  kMade,  // are made by each run
};

// Each contender takes `turns` turns, and each time another one begins, so that whatever else goes on here meets all of
// them alike.
std::vector<FanSeries> runInTurns(const std::vector<FanContender*>& contenders, const FanTask& task,
                                  Connections connections, int turns);

// Prints what they come to.
void print(const std::vector<FanSeries>& all);

double medianSeconds(const FanSeries& series);
double medianCpuMs(const FanSeries& series);
double mostResidentKiB(const FanSeries& series);
// Turn by turn, how many times as long `one` takes as `other`; the median of that.
double timesAsLong(const FanSeries& one, const FanSeries& other);

}  // namespace cbs::bench
