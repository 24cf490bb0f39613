#include "tests/bench/transfer_latency.h"

#include "tests/bench/statistics.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/failure.h"

#include <cstdio>
#include <optional>

namespace cbs::bench {
namespace {

constexpr int kWarmUpTurns = 10;

// Uploads the same file again and again.
class Uploads {
 public:
  Uploads(const Load& load, const Target& target, const BenchDaemon& daemon)
      : command_(commandLine(Tool::kCbsession, {load.folder(), Load::kName, target.remoteFolder()}, daemon)) {}

  // Starts the next if the last one has ended; throws if that has failed.
  void keepGoing() {
    if (process_ && process_->running()) return;
    if (process_ && process_->wait().code != 0) test::fail("an upload failed");
    process_.emplace(test::Program{.argv = command_, .descriptors = {{2, STDERR_FILENO}}});
  }

 private:
  std::vector<std::string> command_;
  std::optional<test::ChildProcess> process_;
};

std::vector<double> timesOf(const BenchDaemon& daemon, int turns, Uploads* uploads) {
  auto command = daemon.exec("bench", "true");
  std::vector<double> times;
  for (int turn = -kWarmUpTurns; turn < turns; ++turn) {
    if (uploads != nullptr) uploads->keepGoing();
    double time = millisecondsOf([&] { runToSuccess(command); });
    if (turn >= 0) times.push_back(time);
  }
  return times;
}

}  // namespace

void compareLatency(const Load& load, const Target& target, const BenchDaemon& daemon, int turns, double mostTimes) {
  auto idle = timesOf(daemon, turns, nullptr);
  Uploads uploads(load, target, daemon);
  auto beside = timesOf(daemon, turns, &uploads);
  printf("\n(d) `true` on a warm connection, %d turns, milliseconds\n%-32s %9s %9s\n", turns, "", "median", "p95");
  printf("%-32s %9.2f %9.2f\n", "nothing else goes on", median(idle), quantile(idle, 0.95));
  printf("%-32s %9.2f %9.2f\n", "beside uploads", median(beside), quantile(beside, 0.95));
  for (double q : {0.5, 0.95}) {
    double times = quantile(beside, q) / quantile(idle, q);
    printGoal(q == 0.5 ? "times as long, median" : "times as long, p95", times, "", "at most", mostTimes,
              times <= mostTimes);
  }
  fflush(stdout);
}

}  // namespace cbs::bench
