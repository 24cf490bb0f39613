// How fast files and trees are moved, against scp, sftp, rsync and tar. The script transfer beside it says more.
#include "tests/bench/machine.h"
#include "tests/bench/target.h"
#include "tests/bench/transfer_latency.h"
#include "tests/bench/transfer_race.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>

namespace cbs::bench {
namespace {

// The goals. How many times as fast as another:
constexpr double kLoopbackTimesScp = 1.0;  // with the cipher that cbsession has, too
constexpr double kFarTimesScp = 6.0;
constexpr double kSmallTimesScp = 10.0;  // at 10 ms
constexpr double kSmallTimesTar = 1.0;
constexpr double kMostTimesIdle = 2.0;     // a command beside transfers
constexpr double kMostResidentMiB = 64.0;  // the daemon's

constexpr size_t kMiB = 1 << 20;
constexpr double kFarDelayMs = 25;
constexpr double kNearDelayMs = 5;
constexpr size_t kSmallBytes = 4096;
constexpr size_t kFilesInFolder = 100;

struct Options {
  Programs programs;
  std::vector<std::string> only = {"a", "b", "c", "d"};
  int runs = 3;
  size_t sizeMiB = 1024;
  size_t farSizeMiB = 256;
  size_t files = 10'000;
  int turns = 200;

  bool wants(const char* part) const { return std::find(only.begin(), only.end(), part) != only.end(); }
};

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {}

  void run() {
    if (options_.wants("a")) largeOnLoopback();
    if (options_.wants("b")) largeFarAway();
    if (options_.wants("c")) {
      smallFiles(0);
      smallFiles(kNearDelayMs);
    }
    if (options_.wants("d")) latency();
  }

 private:
  void largeOnLoopback() {
    std::vector<Tool> all = {Tool::kCbsession, Tool::kScpAes128Gcm, Tool::kScp, Tool::kSftp, Tool::kRsync, Tool::kTar};
    bothWays("(a) " + std::to_string(options_.sizeMiB) + " MiB on loopback", all,
             {{Tool::kScpAes128Gcm, kLoopbackTimesScp}}, Load::file(options_.sizeMiB * kMiB), 0);
  }

  void largeFarAway() {
    bothWays("(b) " + std::to_string(options_.farSizeMiB) + " MiB at a round trip of 50 ms",
             {Tool::kCbsession, Tool::kScp, Tool::kRsync, Tool::kTar}, {{Tool::kScp, kFarTimesScp}},
             Load::file(options_.farSizeMiB * kMiB), kFarDelayMs);
  }

  void smallFiles(double delayMs) {
    std::vector<Goal> goals = {{Tool::kTar, kSmallTimesTar}};
    if (delayMs > 0) goals.push_back({Tool::kScp, kSmallTimesScp});
    std::string where = delayMs > 0 ? "at a round trip of 10 ms" : "on loopback";
    bothWays("(c) " + std::to_string(options_.files) + " files of 4 KiB " + where,
             {Tool::kCbsession, Tool::kScp, Tool::kRsync, Tool::kTar}, goals,
             Load::tree(options_.files, kSmallBytes, kFilesInFolder), delayMs);
  }

  void latency() {
    Target target(0);
    BenchDaemon daemon(options_.programs, target.sshConfig());
    compareLatency(Load::file(options_.sizeMiB * kMiB), target, daemon, options_.turns, kMostTimesIdle);
  }

  void bothWays(const std::string& title, std::vector<Tool> tools, const std::vector<Goal>& goals, const Load& load,
                double delayMs) {
    std::erase_if(tools, [](Tool tool) { return !isHere(tool); });
    Target target(delayMs);
    BenchDaemon daemon(options_.programs, target.sshConfig());
    for (bool up : {true, false}) {
      Race race{title + (up ? ", up" : ", down"), up, options_.runs, tools, goals};
      double peakMiB = cbs::bench::run(race, load, target, daemon) / 1024;
      printGoal("the daemon's memory at most", peakMiB, " MiB", "below", kMostResidentMiB, peakMiB < kMostResidentMiB);
    }
  }

  const Options& options_;
};

}  // namespace
}  // namespace cbs::bench

int main(int argc, char** argv) {
  CLI::App app("Speed of transfers");
  cbs::bench::Options options;
  app.add_option("--cli", options.programs.cli, "cbsession to measure")->check(CLI::ExistingFile);
  app.add_option("--agentd", options.programs.agentd, "cbsession-agentd to measure")->check(CLI::ExistingFile);
  app.add_option("--only", options.only, "parts to run: a,b,c,d")
      ->delimiter(',')
      ->check(CLI::IsMember({"a", "b", "c", "d"}));
  app.add_option("--runs", options.runs, "turns of each program")->check(CLI::PositiveNumber);
  app.add_option("--size", options.sizeMiB, "MiB of the file on loopback")->check(CLI::PositiveNumber);
  app.add_option("--far-size", options.farSizeMiB, "MiB of the file far away")->check(CLI::PositiveNumber);
  app.add_option("--files", options.files, "small files")->check(CLI::PositiveNumber);
  app.add_option("--turns", options.turns, "commands for (d), after ten that do not count")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    cbs::bench::tellIfBusy();
    cbs::bench::Bench(options).run();
  } catch (const std::exception& error) {
    fflush(stdout);
    fprintf(stderr, "transfer: %s\n", error.what());
    return 1;
  }
}
