// How long `cbsession exec HOST true` takes on a pooled connection, against a warm ControlMaster and a bare libssh2
// loop. The script exec_latency beside it says more.
#include "tests/bench/bare_session.h"
#include "tests/bench/bench_daemon.h"
#include "tests/bench/machine.h"
#include "tests/bench/statistics.h"
#include "tests/bench/stopwatch.h"
#include "tests/bench/target.h"
#include "tests/support/failure.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <thread>

namespace cbs::bench {
namespace {

constexpr int kWarmUpTurns = 10;
constexpr double kMostOfControlMaster = 0.45;  // the goal, as a share of ssh's time
constexpr double kMostAboveFloorMs = 1.3;      // the goal, beside the bare loop

struct Options {
  Programs programs;
  int turns = 200;
  double delayMs = 0;
};

// A ControlMaster that has logged in.
class Master {
 public:
  explicit Master(std::string configFile)
      : configFile_(std::move(configFile)),
        process_({.argv = {"ssh", "-F", configFile_, "-MN", "bench"}, .descriptors = {{2, STDERR_FILENO}}}) {
    auto end = std::chrono::steady_clock::now() + test::kSoon;
    while (!ready()) {
      if (!process_.running() || std::chrono::steady_clock::now() > end) test::fail("no ControlMaster");
      std::this_thread::sleep_for(test::milliseconds(20));
    }
  }

  // The command line that runs `command` over it.
  std::vector<std::string> exec(const std::string& command) const {
    return {"ssh", "-F", configFile_, "bench", command};
  }

  // Without it each `ssh` logs in anew, and says nothing.
  bool ready() const {
    test::ChildProcess check({.argv = {"ssh", "-F", configFile_, "-O", "check", "bench"}});
    return check.wait().code == 0;
  }

 private:
  std::string configFile_;
  test::ChildProcess process_;
};

// Milliseconds, turn by turn.
struct Times {
  std::vector<double> cbsession;
  std::vector<double> master;
  std::vector<double> bare;
};

Times measure(const Options& options) {
  Target target(options.delayMs);
  BenchDaemon daemon(options.programs, target.sshConfig());
  Master master(daemon.sshConfigFile());
  BareSession bare(target.login());
  auto cbsessionCommand = daemon.exec("bench", "true");
  auto masterCommand = master.exec("true");
  Times times;
  for (int turn = -kWarmUpTurns; turn < options.turns; ++turn) {
    double first = millisecondsOf([&] { runToSuccess(cbsessionCommand); });
    double second = millisecondsOf([&] { runToSuccess(masterCommand); });
    double third = millisecondsOf([&] {
      if (int status = bare.run("true"); status != 0) test::fail("true exited with " + std::to_string(status));
    });
    if (turn < 0) continue;
    times.cbsession.push_back(first);
    times.master.push_back(second);
    times.bare.push_back(third);
  }
  if (!master.ready()) test::fail("the ControlMaster has gone: its times are those of new logins");
  return times;
}

void printRow(const char* name, const std::vector<double>& values) {
  printf("%-38s %8.2f %8.2f\n", name, median(values), quantile(values, 0.9));
}

void printGoal(const char* text, double value, const char* unit, double goal) {
  printf("%-38s %8.2f%-3s goal: at most %.2f%s: %s\n", text, value, unit, goal, unit,
         value <= goal ? "met" : "not met");
}

void print(const Options& options, const Times& times) {
  std::vector<double> shares;
  std::vector<double> differences;
  for (size_t turn = 0; turn < times.cbsession.size(); ++turn) {
    shares.push_back(times.cbsession[turn] / times.master[turn]);
    differences.push_back(times.cbsession[turn] - times.bare[turn]);
  }
  printf("`true` on a warm connection, %d turns, %.0f ms added each way\n\n", options.turns, options.delayMs);
  printf("%-38s %8s %8s\n", "milliseconds", "median", "p90");
  printRow("cbsession exec", times.cbsession);
  printRow("(a) ssh over a ControlMaster", times.master);
  printRow("(b) bare libssh2 in one process", times.bare);
  printf("\n");
  printGoal("turn by turn, median: share of (a)", median(shares), "", kMostOfControlMaster);
  printGoal("turn by turn, median: above (b)", median(differences), " ms", kMostAboveFloorMs);
}

}  // namespace
}  // namespace cbs::bench

int main(int argc, char** argv) {
  CLI::App app("Latency of a command on a warm connection");
  cbs::bench::Options options;
  app.add_option("--cli", options.programs.cli, "cbsession to measure")->check(CLI::ExistingFile);
  app.add_option("--agentd", options.programs.agentd, "cbsession-agentd to measure")->check(CLI::ExistingFile);
  app.add_option("--turns", options.turns, "turns, after ten that do not count")->check(CLI::PositiveNumber);
  app.add_option("--delay", options.delayMs, "milliseconds that each byte is under way")->check(CLI::NonNegativeNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    cbs::bench::tellIfBusy();
    print(options, cbs::bench::measure(options));
  } catch (const std::exception& error) {
    fprintf(stderr, "exec_latency: %s\n", error.what());
    return 1;
  }
}
