// One command on many hosts, against clush, pdsh, parallel-ssh, xargs and a bare libssh2 loop. The script fanout beside
// it says more.
#include "tests/bench/bare_fleet.h"
#include "tests/bench/fan_peers.h"
#include "tests/bench/fan_rounds.h"
#include "tests/bench/fanned_daemon.h"
#include "tests/bench/goals.h"
#include "tests/bench/interruption.h"
#include "tests/bench/machine.h"
#include "tests/support/failure.h"

#include <CLI/CLI.hpp>

#include <kj/exception.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>

namespace cbs::bench {
namespace {

// The goals.
constexpr double kMostOfBare = 1.1;       // times as long
constexpr double kMostOfBareLight = 1.3;  // the same where the server takes nearly nothing
constexpr double kLeastOfPeers = 4.5;     // times as fast as the best of clush, pdsh and parallel-ssh
constexpr double kMostOfClushCpu = 0.05;
constexpr double kMostMiB = 60;
constexpr int kMemoryHosts = 1000;  // for which that is said

constexpr FanTool kTools[] = {FanTool::kClush, FanTool::kPdsh, FanTool::kParallelSsh, FanTool::kXargs};

// How many hosts at once the bare loop may be best with.
constexpr int kBareJobs[] = {4, 16, 64, 256, 1000};

struct Options {
  Programs programs;
  std::vector<int> hosts = {50, 200, 1000};
  std::string only;
  std::vector<std::string> commands = {"true", "seq -f 'line %g of what a command has to say' 100"};
  int jobs = 64;
  int warmTurns = 7;
  int coldTurns = 3;

  int most() const { return *std::max_element(hosts.begin(), hosts.end()); }
  bool wants(const std::string& part) const { return only.empty() || only == part; }
};

// All that take part, at one server.
struct Field {
  Field(const Options& options, const ManyAddresses& server, const ControlMasters* masters)
      : ours(options.programs, server), bare(server, options.jobs) {
    for (FanTool tool : kTools) {
      if (isHere(tool)) peers.push_back({tool, std::make_unique<FanPeer>(tool, server, masters, options.jobs)});
    }
  }

  struct Peer {
    FanTool tool;
    std::unique_ptr<FanPeer> contender;
  };
  FannedDaemon ours;
  BareFleet bare;
  std::vector<Peer> peers;
};

// What they took: ours first, the bare loop second, then the peers.
struct Results {
  std::vector<FanSeries> all;
  std::vector<FanTool> tools;

  const FanSeries& ours() const { return all[0]; }
  const FanSeries& bare() const { return all[1]; }
  const FanSeries* of(FanTool tool) const {
    auto found = std::find(tools.begin(), tools.end(), tool);
    return found == tools.end() ? nullptr : &all[2 + static_cast<size_t>(found - tools.begin())];
  }
  // xargs is no program for many hosts: it is there to compare those with.
  const FanSeries* bestOfPeers() const {
    const FanSeries* best = nullptr;
    for (FanTool tool : {FanTool::kClush, FanTool::kPdsh, FanTool::kParallelSsh}) {
      const FanSeries* series = of(tool);
      if (series != nullptr && (best == nullptr || medianSeconds(*series) < medianSeconds(*best))) best = series;
    }
    return best;
  }
};

// As many at once as suit it best here: it is the floor.
void chooseJobs(BareFleet& bare, const FanTask& task, Connections connections) {
  int best = 0;
  double least = 0;
  for (int jobs : kBareJobs) {
    bare.setJobs(jobs);
    double seconds = medianSeconds(runInTurns({&bare}, task, connections, 1).front());
    if (best == 0 || seconds < least) best = jobs, least = seconds;
    if (jobs >= task.hosts) break;
  }
  bare.setJobs(best);
}

Results compare(Field& field, const FanTask& task, Connections connections, int turns) {
  chooseJobs(field.bare, task, connections);
  std::vector<FanContender*> contenders = {&field.ours, &field.bare};
  Results results;
  for (const auto& peer : field.peers) {
    contenders.push_back(peer.contender.get());
    results.tools.push_back(peer.tool);
  }
  results.all = runInTurns(contenders, task, connections, turns);
  print(results.all);
  printf("\n");
  return results;
}

std::string titleOf(const char* part, const FanTask& task) {
  std::string command = task.command == "true" ? "`true`" : "100 lines";
  return std::string(part) + ", " + command + " on " + std::to_string(task.hosts) + " hosts";
}

void measureWarm(const Options& options, const ManyAddresses& server, Goals& goals) {
  ControlMasters masters(server, options.most(), options.jobs);
  printf("%d ControlMasters were there after %.1f s, %d at once\n\n", options.most(), masters.seconds(), options.jobs);
  Field field(options, server, &masters);
  field.ours.run({options.most(), "true"});
  int created = field.ours.created();
  for (const std::string& command : options.commands) {
    for (int hosts : options.hosts) {
      FanTask task{hosts, command};
      std::string title = titleOf("warm", task);
      printf("%s, %d turns\n", title.c_str(), options.warmTurns);
      Results results = compare(field, task, Connections::kKept, options.warmTurns);
      field.ours.requireCreated(created);
      goals.atMost(title + ": times as long as bare libssh2", timesAsLong(results.ours(), results.bare()), kMostOfBare);
      if (const FanSeries* best = results.bestOfPeers()) {
        goals.atLeast(title + ": times as fast as " + best->name.substr(0, best->name.find(',')),
                      timesAsLong(*best, results.ours()), kLeastOfPeers);
      }
      if (hosts == kMemoryHosts) {
        goals.atMost(title + ": resident", mostResidentKiB(results.ours()) / 1024, kMostMiB, " MiB");
      }
    }
  }
}

// What a command prints matters little beside a login: `true` is enough.
void measureCold(const Options& options, const ManyAddresses& server, Goals& goals) {
  Field field(options, server, nullptr);
  int created = field.ours.created();
  for (int hosts : options.hosts) {
    FanTask task{hosts, "true"};
    std::string title = titleOf("cold", task);
    printf("%s, %d turns\n", title.c_str(), options.coldTurns);
    Results results = compare(field, task, Connections::kMade, options.coldTurns);
    field.ours.requireCreated(created += options.coldTurns * hosts);
    goals.atMost(title + ": times as long as bare libssh2", timesAsLong(results.ours(), results.bare()), kMostOfBare);
    if (const FanSeries* clush = results.of(FanTool::kClush)) {
      goals.atMost(title + ": client's CPU, of clush's", medianCpuMs(results.ours()) / medianCpuMs(*clush),
                   kMostOfClushCpu);
    }
  }
}

// Where the server is no burden, what the client takes shows.
void measureLight(const Options& options, Goals& goals) {
  ManyAddresses server(ManyAddresses::Kind::kLight);
  Field field(options, server, nullptr);
  std::erase_if(field.peers, [](const auto& peer) { return peer.tool != FanTool::kClush; });
  for (int hosts : options.hosts) {
    FanTask task{hosts, "true"};
    std::string title = titleOf("cold, light server", task);
    printf("%s, %d turns\n", title.c_str(), options.coldTurns);
    Results results = compare(field, task, Connections::kMade, options.coldTurns);
    goals.atMost(title + ": times as long as bare libssh2", timesAsLong(results.ours(), results.bare()),
                 kMostOfBareLight);
  }
}

void run(const Options& options) {
  allowManyDescriptors();
  tellIfBusy();
  setvbuf(stdout, nullptr, _IOLBF, 0);  // it takes long: each line as it comes
  Goals goals;
  if (options.wants("warm") || options.wants("cold")) {
    ManyAddresses server(ManyAddresses::Kind::kSshd);
    if (options.wants("warm")) measureWarm(options, server, goals);
    if (options.wants("cold")) measureCold(options, server, goals);
  }
  if (options.wants("light")) measureLight(options, goals);
  goals.print();
}

}  // namespace
}  // namespace cbs::bench

int main(int argc, char** argv) {
  CLI::App app("One command on many hosts, against other programs for that and a bare libssh2 loop");
  cbs::bench::Options options;
  bool quick = false;
  app.add_option("--cli", options.programs.cli, "cbsession to measure")->check(CLI::ExistingFile);
  app.add_option("--agentd", options.programs.agentd, "cbsession-agentd to measure")->check(CLI::ExistingFile);
  app.add_option("--hosts", options.hosts, "how many, one number or several")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  app.add_option("--only", options.only, "one part")->check(CLI::IsMember({"warm", "cold", "light"}));
  app.add_option("--command", options.commands, "what to run on warm connections, instead of `true` and 100 lines");
  app.add_option("--jobs", options.jobs, "hosts at once with the other programs")->check(CLI::PositiveNumber);
  app.add_option("--turns", options.warmTurns, "of each on warm connections")->check(CLI::PositiveNumber);
  app.add_option("--cold-turns", options.coldTurns, "of each on new ones")->check(CLI::PositiveNumber);
  app.add_flag("--quick", quick, "50 and 200 hosts, fewer turns: an impression");
  CLI11_PARSE(app, argc, argv);
  if (quick) options.hosts = {50, 200}, options.warmTurns = 3, options.coldTurns = 1;
  signal(SIGPIPE, SIG_IGN);  // a daemon that has ended is told of in words
  cbs::bench::endWhenInterrupted();
  try {
    cbs::bench::run(options);
  } catch (const kj::Exception& error) {
    fprintf(stderr, "fanout: %s\n", error.getDescription().cStr());
    return 1;
  } catch (const std::exception& error) {
    fprintf(stderr, "fanout: %s\n", error.what());
    return 1;
  }
}
