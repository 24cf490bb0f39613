// What an idle authenticated connection costs the daemon, in memory and in the CPU time that its making took, against
// plain libssh2. The script idle_memory beside it says more.
#include "tests/bench/bench_daemon.h"
#include "tests/bench/machine.h"
#include "tests/bench/many_addresses.h"
#include "tests/bench/process_figures.h"
#include "tests/bench/stopwatch.h"

#include <CLI/CLI.hpp>

#include <atomic>
#include <cstdio>
#include <future>
#include <vector>

namespace cbs::bench {
namespace {

constexpr double kMostKiB = 24;     // the goal, per idle connection
constexpr double kMostCpuMs = 0.7;  // the goal, per connect and login

struct Options {
  Programs programs;
  int connections = 1000;
  int jobs = 16;
  bool sshd = false;
};

// Of one connection.
struct Cost {
  double kiB = 0;
  double connectCpuMs = 0;   // connect, handshake, login
  double commandCpuMs = 0;   // a `true` on it
  double childrenCpuMs = 0;  // of other programs at the client's side
  double wallMs = 0;         // of connect, login and command, `jobs` at once
};

// Runs `true` once at each address, `jobs` at once. Gives the milliseconds that it took.
double runEverywhere(const BenchDaemon& daemon, const Options& options) {
  std::atomic<int> next = 0;
  auto work = [&] {
    for (int index = next++; index < options.connections; index = next++) {
      runToSuccess(daemon.exec(loopbackAddress(index), "true"));
    }
  };
  return millisecondsOf([&] {
    std::vector<std::future<void>> workers;
    for (int job = 0; job < options.jobs; ++job) workers.push_back(std::async(std::launch::async, work));
    for (auto& worker : workers) worker.get();
  });
}

// The first round connects, the second finds every connection there: the difference is what connecting takes.
Cost measureDaemon(const ManyAddresses& server, const Options& options) {
  std::string limits = "max_connections_per_instance = " + std::to_string(options.connections + 1) +
                       "\nconnection_idle_timeout_ms = 3600000\n";
  BenchDaemon daemon(options.programs, server.sshConfig(), limits);
  runToSuccess(daemon.exec("127.0.0.1", "true"));  // what is made once has been made
  auto before = settledFiguresOf(daemon.pid());
  double wallMs = runEverywhere(daemon, options);
  auto connected = settledFiguresOf(daemon.pid());
  runEverywhere(daemon, options);
  auto after = settledFiguresOf(daemon.pid());

  printf("cbsession-agentd: %.0f KiB resident before, %.0f with %d connections, %.0f after another command on each\n",
         before.residentKiB, connected.residentKiB, options.connections, after.residentKiB);
  double count = options.connections;
  double commandCpuMs = (after.cpuMs - connected.cpuMs) / count;
  return {.kiB = (after.residentKiB - before.residentKiB) / count,
          .connectCpuMs = (connected.cpuMs - before.cpuMs) / count - commandCpuMs,
          .commandCpuMs = commandCpuMs,
          .childrenCpuMs = (connected.childrenCpuMs - before.childrenCpuMs) / count,
          .wallMs = wallMs / count};
}

// This process itself, with plain libssh2, one connection after the other.
Cost measureBare(const ManyAddresses& server, const Options& options) {
  std::vector<std::unique_ptr<BareSession>> sessions;
  auto connect = [&](const std::string& address) {
    sessions.push_back(std::make_unique<BareSession>(server.loginAt(address)));
    sessions.back()->run("true");
  };
  connect("127.0.0.1");
  auto before = figuresOf(getpid());
  double wallMs = millisecondsOf([&] {
    for (int index = 0; index < options.connections; ++index) connect(loopbackAddress(index));
  });
  auto connected = figuresOf(getpid());
  for (auto& session : sessions) session->run("true");
  auto after = figuresOf(getpid());

  double count = options.connections;
  double commandCpuMs = (after.cpuMs - connected.cpuMs) / count;
  return {.kiB = (after.residentKiB - before.residentKiB) / count,
          .connectCpuMs = (connected.cpuMs - before.cpuMs) / count - commandCpuMs,
          .commandCpuMs = commandCpuMs,
          .wallMs = wallMs / count};
}

void print(const Cost& daemon, const Cost& bare) {
  auto verdict = [](double value, double most) { return value <= most ? "met" : "not met"; };
  printf("\n%-40s %10s %14s\n", "per connection", "cbsession", "bare libssh2");
  printf("%-40s %10.1f %14.1f   goal: at most %.0f: %s\n", "KiB resident, idle", daemon.kiB, bare.kiB, kMostKiB,
         verdict(daemon.kiB, kMostKiB));
  printf("%-40s %10.2f %14.2f   goal: at most %.1f: %s\n", "CPU ms, connect and login", daemon.connectCpuMs,
         bare.connectCpuMs, kMostCpuMs, verdict(daemon.connectCpuMs, kMostCpuMs));
  printf("%-40s %10.2f %14.2f\n", "CPU ms, a command on it", daemon.commandCpuMs, bare.commandCpuMs);
  printf("%-40s %10.2f %14s\n", "CPU ms, children (ssh -G, ssh-agent)", daemon.childrenCpuMs, "-");
  printf("%-40s %10.2f %14.2f\n", "wall ms, connect, login, command", daemon.wallMs, bare.wallMs);
}

void run(const Options& options) {
  allowManyDescriptors();
  tellIfBusy();
  ManyAddresses server(options.sshd ? ManyAddresses::Kind::kSshd : ManyAddresses::Kind::kLight);
  printf("%d connections to as many loopback addresses of one %s, %d commands at once\n", options.connections,
         options.sshd ? "sshd" : "light server", options.jobs);
  Cost daemon = measureDaemon(server, options);
  print(daemon, measureBare(server, options));
}

}  // namespace
}  // namespace cbs::bench

int main(int argc, char** argv) {
  CLI::App app("Memory and CPU of idle connections");
  cbs::bench::Options options;
  app.add_option("--cli", options.programs.cli, "cbsession to measure")->check(CLI::ExistingFile);
  app.add_option("--agentd", options.programs.agentd, "cbsession-agentd to measure")->check(CLI::ExistingFile);
  app.add_option("--connections", options.connections, "how many")->check(CLI::PositiveNumber);
  app.add_option("--jobs", options.jobs, "commands at once")->check(CLI::PositiveNumber);
  app.add_flag("--sshd", options.sshd, "against OpenSSH's server instead of the light one");
  CLI11_PARSE(app, argc, argv);
  try {
    cbs::bench::run(options);
  } catch (const std::exception& error) {
    fprintf(stderr, "idle_memory: %s\n", error.what());
    return 1;
  }
}
