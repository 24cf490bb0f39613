#include "tests/bench/transfer_race.h"

#include "tests/bench/process_figures.h"
#include "tests/bench/statistics.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/account.h"
#include "tests/support/failure.h"
#include "tests/support/file_tree.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace cbs::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kTooSlowToRepeat = 60;  // seconds
constexpr size_t kPiece = 16 * 1024 * 1024;

struct Times {
  std::vector<double> wall;  // seconds
  std::vector<double> cpu;
};

// An empty folder for what arrives; on the host it is the test account's.
class Destination {
 public:
  Destination(bool up, const Target& target) : path_(up ? target.remoteFolder() + "/into" : here_.path("into")) {
    fs::remove_all(path_);
    fs::create_directory(path_);
    if (up) test::giveToTestAccount(path_);
  }
  ~Destination() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;
  const std::string& path() const { return path_; }

 private:
  test::TempFolder here_;
  std::string path_;
};

void checkArrived(Tool tool, const Errand& errand) {
  std::string arrived = errand.into + "/" + errand.name;
  test::ChildProcess diff({.argv = {"diff", "-rq", errand.from + "/" + errand.name, arrived}});
  if (diff.wait(std::chrono::minutes(5)).code != 0) {
    test::fail(std::string(nameOf(tool)) + ": what has arrived is not what was sent");
  }
}

void runOnce(Tool tool, const Race& race, const Load& load, const Target& target, const BenchDaemon& daemon,
             Times& times) {
  Destination destination(race.up, target);
  Errand errand{load.folder(), Load::kName, destination.path(), race.up, load.isTree()};
  auto command = commandLine(tool, errand, daemon);
  bool ours = tool == Tool::kCbsession;
  double before = ours ? figuresOf(daemon.pid()).cpuMs : 0;
  double cpuMs = 0;
  double wallMs = millisecondsOf([&] { cpuMs = runToSuccess(command); });
  if (ours) cpuMs += figuresOf(daemon.pid()).cpuMs - before;
  checkArrived(tool, errand);
  times.wall.push_back(wallMs / 1000);
  times.cpu.push_back(cpuMs / 1000);
}

using Results = std::map<Tool, Times>;

void print(const Race& race, const Load& load, Results& results) {
  double ours = median(results[Tool::kCbsession].wall);
  printf("\n%s\n%-32s %9s %9s %9s %9s %5s\n", race.title.c_str(), "", "seconds", "MiB/s", "CPU s", "times", "runs");
  for (Tool tool : race.tools) {
    const Times& times = results[tool];
    double wall = median(times.wall);
    printf("%-32s %9.2f %9.1f %9.2f %9.2f %5zu\n", nameOf(tool), wall,
           static_cast<double>(load.bytes()) / (1 << 20) / wall, median(times.cpu), wall / ours, times.wall.size());
  }
  for (const Goal& goal : race.goals) {
    double times = median(results[goal.than].wall) / ours;
    printGoal(std::string("times as fast as ") + nameOf(goal.than), times, "", "at least", goal.times,
              times >= goal.times);
  }
}

void writeRandom(const std::string& path, size_t bytes, uint64_t seed) {
  std::ofstream out(path, std::ios::binary);
  for (size_t at = 0; at < bytes; at += kPiece) out << test::randomBytes(std::min(kPiece, bytes - at), ++seed);
  out.close();
  if (!out || chmod(path.c_str(), 0644) != 0) test::failErrno("write " + path);
}

}  // namespace

Load Load::file(size_t bytes) {
  Load load;
  load.bytes_ = bytes;
  writeRandom(load.folder() + "/" + kName, bytes, 0);
  return load;
}

Load Load::tree(size_t files, size_t bytesOfEach, size_t filesInFolder) {
  Load load;
  load.isTree_ = true;
  load.bytes_ = files * bytesOfEach;
  for (size_t i = 0; i < files; ++i) {
    std::string folder = load.folder() + "/" + kName + "/" + std::to_string(i / filesInFolder);
    fs::create_directories(folder);
    writeRandom(folder + "/" + std::to_string(i), bytesOfEach, i);
  }
  return load;
}

double run(const Race& race, const Load& load, const Target& target, const BenchDaemon& daemon) {
  runToSuccess(daemon.exec("bench", "true"));
  forgetPeak(daemon.pid());
  Results results;
  for (int turn = 0; turn < race.runs; ++turn) {
    for (Tool tool : race.tools) {
      Times& times = results[tool];
      if (turn > 0 && times.wall[0] > kTooSlowToRepeat) continue;
      runOnce(tool, race, load, target, daemon, times);
    }
  }
  print(race, load, results);
  fflush(stdout);
  return peakResidentKiB(daemon.pid());
}

void printGoal(const std::string& what, double value, const char* unit, const char* relation, double goal, bool met) {
  printf("  %-52s %8.2f%s  goal: %s %.2f%s: %s\n", what.c_str(), value, unit, relation, goal, unit,
         met ? "met" : "not met");
}

}  // namespace cbs::bench
