// What the command queue and the journal of jobs cost. The script queue beside it says more.
#include "agentd/queue/command_queue.h"
#include "tests/bench/bench_daemon.h"
#include "tests/bench/machine.h"
#include "tests/bench/many_addresses.h"
#include "tests/bench/process_figures.h"
#include "tests/bench/stopwatch.h"
#include "tests/bench/storm_client.h"
#include "tests/support/failure.h"
#include "tests/support/job_caller.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <deque>
#include <thread>

namespace cbs::bench {
namespace {

constexpr int kHosts = 20;
constexpr int kAtOnce = 200;         // commands under way
constexpr int kLaneTurns = 500'000;  // of one lane, in process
constexpr int kWaiting = 10'000;     // commands, beside it
constexpr double kMostLaneUs = 50;   // the goals
constexpr double kLeastSubmits = 1'000;

struct Options {
  Programs programs;
  int commands = 10'000;
};

const char* verdict(bool met) { return met ? "met" : "not met"; }

// A queue whose time stands still.
struct Stage {
  explicit Stage(core::LaneLimits limits) : queue(timer, limits) {}
  Task<Expected<queue::Lane>> enter(const std::string& host) {
    queue::Ticket ticket;
    ticket.caller = "bench";
    ticket.host = host;
    return queue.enter(kj::mv(ticket));
  }

  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  kj::TimerImpl timer{kj::origin<kj::TimePoint>() + 1 * kj::HOURS};
  queue::CommandQueue queue;
};

// Microseconds from asking for a lane that is free to having given it back.
double idleLaneUs() {
  Stage stage({});
  Stopwatch stopwatch;
  for (int turn = 0; turn < kLaneTurns; ++turn) {
    auto entering = stage.enter("web1");
    auto lane = entering.take();
  }
  return stopwatch.milliseconds() * 1000 / kLaneTurns;
}

// The same for each of many that wait for one lane, at a hundred hosts.
double waitingLaneUs() {
  Stage stage({.core = 1, .max = 1, .queueCapacity = kWaiting});
  Stopwatch stopwatch;
  auto first = stage.enter("web0");
  auto lane = kj::heap<Expected<queue::Lane>>(first.take());
  std::deque<Task<Expected<queue::Lane>>> waiting;
  for (int i = 0; i < kWaiting; ++i) waiting.push_back(stage.enter("web" + std::to_string(i % 100)));
  lane = nullptr;
  for (size_t left = waiting.size(); left > 0;) {
    stage.loop.run();
    std::erase_if(waiting, [&](auto& task) {
      if (!task.finished()) return false;
      auto done = task.take();
      return true;
    });
    left = waiting.size();
  }
  return stopwatch.milliseconds() * 1000 / kWaiting;
}

std::vector<test::JobSpec> noOps(int count, int caller) {
  std::vector<test::JobSpec> jobs;
  for (int i = 0; i < count; ++i) jobs.push_back({loopbackAddress(i % kHosts), "true", "", caller % 2 == 0});
  return jobs;
}

// Submits so many by each of so many callers, each with so many under way, and gives the ids.
std::vector<std::string> submit(const BenchDaemon& daemon, int callers, int each, size_t atOnce) {
  std::vector<std::vector<std::string>> ids(static_cast<size_t>(callers));
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller]() {
      test::JobCaller client(daemon.socket());
      ids[static_cast<size_t>(caller)] = client.submitAll(noOps(each, caller), atOnce);
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<std::string> all;
  for (const auto& some : ids) all.insert(all.end(), some.begin(), some.end());
  return all;
}

void printRow(const char* what, double value, const char* unit, const std::string& note = "") {
  printf("%-64s %10.1f %s%s\n", what, value, unit, note.c_str());
}

// With one lane that is taken, so that nothing but submitting happens.
void measureSubmits(const Options& options, const ManyAddresses& server) {
  BenchDaemon daemon(options.programs, server.sshConfig(), "[jobs]\npool_size = 1\ncapacity = 1000000\n");
  test::JobCaller blocker(daemon.socket());
  blocker.submit({loopbackAddress(0), "sleep 3600", "", false});
  struct Way {
    const char* name;
    int callers;
    size_t atOnce;
  };
  double best = 0;
  int waiting = 0;
  double before = settledFiguresOf(daemon.pid()).residentKiB;
  for (Way way :
       {Way{"durable submits a second, 1 caller, one after the other", 1, 1},
        Way{"  10 callers, each one after the other", 10, 1}, Way{"  10 callers, 20 each under way", 10, 20}}) {
    int each = std::max(1, (way.atOnce == 1 ? options.commands / 10 : options.commands) / way.callers);
    Stopwatch stopwatch;
    submit(daemon, way.callers, each, way.atOnce);
    double perSecond = each * way.callers / stopwatch.seconds();
    best = std::max(best, perSecond);
    waiting += each * way.callers;
    printRow(way.name, perSecond, "");
  }
  double after = settledFiguresOf(daemon.pid()).residentKiB;
  printRow("KiB of the daemon for each job that waits", (after - before) / waiting, "KiB");
  printf("goal: at least %.0f: %s\n", kLeastSubmits, verdict(best >= kLeastSubmits));
}

struct Rate {
  double perSecond;
  double cpuUs;  // of the daemon, for each
};

template <typename Work>
Rate rateOf(pid_t daemon, int count, Work work) {
  double cpu = figuresOf(daemon).cpuMs;
  Stopwatch stopwatch;
  work();
  double seconds = stopwatch.seconds();
  return {count / seconds, (figuresOf(daemon).cpuMs - cpu) * 1000 / count};
}

void printRate(const char* what, Rate rate) {
  char note[64];
  snprintf(note, sizeof(note), "  %.0f us of the daemon's CPU each", rate.cpuUs);
  printRow(what, rate.perSecond, "", note);
}

// Each client has an event loop, of which a thread has one at a time.
void measureCommands(const Options& options, const BenchDaemon& daemon) {
  std::vector<std::string> addresses;
  for (int i = 0; i < options.commands; ++i) addresses.push_back(loopbackAddress(i % kHosts));
  StormClient client(daemon.socket(), 4);
  client.runAt(addresses, kAtOnce);  // logs in
  printRate("no-op commands a second, 200 under way",
            rateOf(daemon.pid(), options.commands, [&] { client.runAt(addresses, kAtOnce); }));
}

void measureJobs(const Options& options, const BenchDaemon& daemon) {
  printRate("no-op jobs a second, submitted, run and durably ended", rateOf(daemon.pid(), options.commands, [&] {
              auto ids = submit(daemon, 10, options.commands / 10, 20);
              test::JobCaller(daemon.socket()).awaitAll(ids);
            }));
}

void measureBare(const Options& options, const ManyAddresses& server) {
  BareSession bare(server.loginAt(loopbackAddress(0)));
  int turns = std::max(1, options.commands / 10);
  double ms = millisecondsOf([&] {
    for (int turn = 0; turn < turns; ++turn) bare.run("true");
  });
  printRow("bare libssh2 in one process, one after the other, a second", turns / ms * 1000, "");
}

void measureThroughput(const Options& options, const ManyAddresses& server) {
  BenchDaemon daemon(options.programs, server.sshConfig(), "", "scaling");
  measureCommands(options, daemon);
  measureJobs(options, daemon);
  measureBare(options, server);
}

void run(const Options& options) {
  if (std::string(CBS_LIGHT_SERVER).empty()) {
    test::fail("the light server needs libssh. Next: apt-get install libssh-dev");
  }
  tellIfBusy();
  setvbuf(stdout, nullptr, _IOLBF, 0);
  double idle = idleLaneUs();
  printRow("a lane when nothing waits, in process", idle, "us");
  printf("goal: at most %.0f us: %s\n", kMostLaneUs, verdict(idle <= kMostLaneUs));
  printRow("a lane when 10,000 wait, in process", waitingLaneUs(), "us");
  ManyAddresses server(ManyAddresses::Kind::kLight);
  measureSubmits(options, server);
  measureThroughput(options, server);
}

}  // namespace
}  // namespace cbs::bench

int main(int argc, char** argv) {
  CLI::App app("Cost of the command queue and of jobs");
  cbs::bench::Options options;
  app.add_option("--agentd", options.programs.agentd, "cbsession-agentd to measure")->check(CLI::ExistingFile);
  app.add_option("--commands", options.commands, "jobs and commands")->check(CLI::Range(100, 500'000));
  CLI11_PARSE(app, argc, argv);
  try {
    cbs::bench::run(options);
  } catch (const kj::Exception& error) {
    fprintf(stderr, "queue: %s\n", error.getDescription().cStr());
    return 1;
  } catch (const std::exception& error) {
    fprintf(stderr, "queue: %s\n", error.what());
    return 1;
  }
}
