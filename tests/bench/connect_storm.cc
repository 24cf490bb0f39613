// Many connections at once through the daemon, against asyncssh. The script connect_storm beside it says more.
#include "tests/bench/asyncssh_peer.h"
#include "tests/bench/machine.h"
#include "tests/bench/storm_cost.h"
#include "tests/bench/stormed_daemon.h"
#include "tests/support/failure.h"

#include <CLI/CLI.hpp>

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace cbs::bench {
namespace {

// The goals.
constexpr double kLeastTimesAsyncssh = 2.5;  // connections per second
constexpr double kMostCpuMs = 0.7;           // per connect and login
constexpr double kMostKiB = 22;              // per idle connection
constexpr double kMostLagMs = 20;            // p99
constexpr double kMostHeldPercent = 2;       // of a core, while nothing happens

// How many connections asyncssh may be best at making at once, and how many tell.
constexpr int kPeerJobs[] = {25, 50, 100, 200};
constexpr int kTrialConnections = 500;

struct Options {
  Programs programs;
  int connections = 5000;
  int jobs = 100;
  int peerJobs = 0;
  int serverProcesses = 1;
  double holdSeconds = 60;
};

std::vector<std::string> addresses(int count) {
  std::vector<std::string> list;
  list.reserve(static_cast<size_t>(count));
  for (int index = 0; index < count; ++index) list.push_back(loopbackAddress(index));
  return list;
}

// A server that nobody has used yet, so that neither contender finds it in another state than the other one.
ManyAddresses freshServer(const Options& options) {
  return ManyAddresses(ManyAddresses::Kind::kLight, options.serverProcesses);
}

const char* verdict(bool met) { return met ? "met" : "not met"; }

struct DaemonCost {
  StormCost storm;
  double heldPercent;
};

DaemonCost measureDaemon(const Options& options) {
  ManyAddresses server = freshServer(options);
  StormedDaemon daemon(options.programs, server, addresses(options.connections), options.jobs);
  StormCost storm = measureStorm(daemon, server, options.connections);
  return {storm, daemon.hold(options.holdSeconds)};
}

double trialPerSecond(const Options& options, int jobs) {
  ManyAddresses server = freshServer(options);
  int count = std::min(options.connections, kTrialConnections);
  AsyncsshPeer peer(server, addresses(count), jobs);
  double perSecond = count / peer.takeTurn().seconds;
  printf("asyncssh, %d at once: %.0f connections per second\n", jobs, perSecond);
  return perSecond;
}

// With the number of connections at once that it is best at.
int bestPeerJobs(const Options& options) {
  if (options.peerJobs > 0) return options.peerJobs;
  int best = 0;
  double most = 0;
  for (int jobs : kPeerJobs) {
    double perSecond = trialPerSecond(options, jobs);
    if (perSecond > most) best = jobs;
    most = std::max(most, perSecond);
  }
  return best;
}

StormCost measurePeer(const Options& options, int jobs) {
  ManyAddresses server = freshServer(options);
  AsyncsshPeer peer(server, addresses(options.connections), jobs);
  return measureStorm(peer, server, options.connections);
}

void printRow(const char* name, double ours, double theirs, const std::string& goal = "") {
  printf("%-46s %10.2f %10.2f%s\n", name, ours, theirs, goal.c_str());
}

std::string atMost(double most, double value) {
  char text[64];
  snprintf(text, sizeof(text), "   goal: at most %g: %s", most, verdict(value <= most));
  return text;
}

std::string timesAsMany(double ours, double theirs) {
  char text[96];
  snprintf(text, sizeof(text), "   %.1f times as many; goal: at least %g: %s", ours / theirs, kLeastTimesAsyncssh,
           verdict(ours >= kLeastTimesAsyncssh * theirs));
  return text;
}

void print(const DaemonCost& daemon, const StormCost& peer, const Options& options) {
  const StormCost& storm = daemon.storm;
  printf("\n%-46s %10s %10s\n", "", "cbsession", "asyncssh");
  printRow("connections per second, with a `true` on each", storm.perSecond, peer.perSecond,
           timesAsMany(storm.perSecond, peer.perSecond));
  printRow("CPU ms of the client, connect and login", storm.connectCpuMs, peer.connectCpuMs,
           atMost(kMostCpuMs, storm.connectCpuMs));
  printRow("  of it, other programs (ssh -G, ssh-agent)", storm.childrenCpuMs, peer.childrenCpuMs);
  printRow("CPU ms of the client, a `true` on it", storm.commandCpuMs, peer.commandCpuMs);
  printRow("CPU ms of the server, all of that", storm.serverCpuMs, peer.serverCpuMs);
  printRow("KiB resident, idle", storm.idleKiB, peer.idleKiB, atMost(kMostKiB, storm.idleKiB));
  printRow("ms of event-loop lag meanwhile, p99", storm.lagP99Ms, peer.lagP99Ms, atMost(kMostLagMs, storm.lagP99Ms));
  printRow("ms of event-loop lag meanwhile, most", storm.lagMaxMs, peer.lagMaxMs);
  printf("%% of a core that the daemon takes to hold them for %.0f s: %.2f%s\n", options.holdSeconds,
         daemon.heldPercent, atMost(kMostHeldPercent, daemon.heldPercent).c_str());
}

void run(const Options& options) {
  requireAsyncssh();
  if (std::string(CBS_LIGHT_SERVER).empty()) {
    test::fail("the light server needs libssh. Next: apt-get install libssh-dev");
  }
  allowManyDescriptors();
  tellIfBusy();
  setvbuf(stdout, nullptr, _IOLBF, 0);  // it takes minutes: each line as it comes
  printf("%d connections to as many loopback addresses, %d at once\n", options.connections, options.jobs);
  DaemonCost daemon = measureDaemon(options);
  int peerJobs = bestPeerJobs(options);
  printf("asyncssh: %d connections, %d at once\n", options.connections, peerJobs);
  print(daemon, measurePeer(options, peerJobs), options);
}

}  // namespace
}  // namespace cbs::bench

int main(int argc, char** argv) {
  CLI::App app("Many connections at once, against asyncssh");
  cbs::bench::Options options;
  app.add_option("--cli", options.programs.cli, "cbsession to measure")->check(CLI::ExistingFile);
  app.add_option("--agentd", options.programs.agentd, "cbsession-agentd to measure")->check(CLI::ExistingFile);
  app.add_option("--connections", options.connections, "how many")->check(CLI::PositiveNumber);
  app.add_option("--jobs", options.jobs, "how many at once")->check(CLI::PositiveNumber);
  app.add_option("--asyncssh-jobs", options.peerJobs, "how many at once with asyncssh; 0: what it is best at")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--hold", options.holdSeconds, "seconds to hold the connections")->check(CLI::PositiveNumber);
  app.add_option("--server-processes", options.serverProcesses, "of the light server")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  signal(SIGPIPE, SIG_IGN);  // a contender that has ended is told of in words
  try {
    cbs::bench::run(options);
  } catch (const kj::Exception& error) {
    fprintf(stderr, "connect_storm: %s\n", error.getDescription().cStr());
    return 1;
  } catch (const std::exception& error) {
    fprintf(stderr, "connect_storm: %s\n", error.what());
    return 1;
  }
}
