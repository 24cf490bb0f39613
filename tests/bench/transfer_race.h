// The same errand, by several programs in turns.
#pragma once

#include "tests/bench/bench_daemon.h"
#include "tests/bench/target.h"
#include "tests/bench/transfer_tools.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cbs::bench {

// What a file or tree is moved from, for both directions: everyone may read it.
class Load {
 public:
  // Random bytes.
  static Load file(size_t bytes);
  static Load tree(size_t files, size_t bytesOfEach, size_t filesInFolder);

  std::string folder() const { return folder_->path("from"); }
  static constexpr const char* kName = "load";
  bool isTree() const { return isTree_; }
  uint64_t bytes() const { return bytes_; }

 private:
  Load() { folder_->makeFolder("from", 0755); }

  std::unique_ptr<test::TempFolder> folder_ = std::make_unique<test::TempFolder>();
  bool isTree_ = false;
  uint64_t bytes_ = 0;
};

// A goal: so many times as fast as another.
struct Goal {
  Tool than;
  double times;
};

struct Race {
  std::string title;
  bool up = true;
  int runs = 3;
  std::vector<Tool> tools;  // cbsession comes first
  std::vector<Goal> goals;
};

// Runs it and prints a table: medians of wall-clock and processor seconds (cbsession: with the daemon's), how many
// times as fast cbsession is, and its goals. A program that takes longer than a minute runs once. Throws if one fails,
// or if what has arrived is not what was sent.
//
// Gives the daemon's largest resident size, in KiB.
double run(const Race& race, const Load& load, const Target& target, const BenchDaemon& daemon);

// Prints whether a goal is met.
void printGoal(const std::string& what, double value, const char* unit, const char* relation, double goal, bool met);

}  // namespace cbs::bench
