// A playbook over the pool, against Ansible's own way with OpenSSH. The script ansible beside it says more.
#include "tests/bench/bench_daemon.h"
#include "tests/bench/fan_rounds.h"
#include "tests/bench/goals.h"
#include "tests/bench/interruption.h"
#include "tests/bench/machine.h"
#include "tests/bench/many_addresses.h"
#include "tests/bench/measured_program.h"
#include "tests/bench/process_figures.h"
#include "tests/support/account.h"
#include "tests/support/failure.h"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <cstdio>
#include <memory>

namespace cbs::bench {
namespace {

constexpr double kMostOfControlPersist = 0.5;  // the goal, as a share of the time

struct Options {
  Programs programs;
  int hosts = 20;
  int turns = 5;
};

// How Ansible reaches the hosts.
struct Way {
  std::string name;
  std::string connection;                        // ssh or local
  std::string sshProgram = "ssh";                // ansible_ssh_executable
  std::map<std::string, std::string> variables;  // of the environment
  pid_t daemon = 0;                              // whose processor time counts as well
};

class Playbook final : public FanContender {
 public:
  Playbook(Way way, const ManyAddresses& server) : way_(std::move(way)) {
    if (geteuid() == 0) test::giveToTestAccount(work_.path());
    std::string sshConfig = folder_.write("ssh_config", server.sshConfig());
    variables_ = way_.variables;
    variables_["HOME"] = folder_.path();
    variables_["ANSIBLE_CONFIG"] = folder_.write("ansible.cfg", configuration(sshConfig));
  }

  std::string name() const override { return way_.name; }

  FanCost run(const FanTask& task) override {
    double before = daemonCpuMs();
    auto cost = runMeasured({"ansible-playbook", "-i", inventoryOf(task.hosts), "-f", std::to_string(task.hosts), "-e",
                             "folder=" + work_.path(), std::string(CBS_BENCH_LIB) + "/playbook.yml"},
                            variables_);
    return {.seconds = cost.seconds, .cpuMs = cost.cpuMs + daemonCpuMs() - before};
  }

 private:
  // But for the program that it calls all is the same: what Ansible passes by default, pipelining, an ssh_config.
  std::string configuration(const std::string& sshConfig) const {
    return "[defaults]\ntransport = " + way_.connection +
           "\ninterpreter_python = /usr/bin/python3\ngathering = explicit\n" +
           "retry_files_enabled = False\nlocal_tmp = " + folder_.path("tmp") +
           "\n[ssh_connection]\npipelining = True\n" + "ssh_executable = " + way_.sshProgram +
           "\ncontrol_path_dir = " + folder_.path("cp") + "\nssh_args = -F " + sshConfig +
           " -C -o ControlMaster=auto -o ControlPersist=600s\n";
  }

  std::string inventoryOf(int hosts) const {
    std::string lines;
    for (int index = 0; index < hosts; ++index) lines += loopbackAddress(index) + "\n";
    return folder_.write("inventory", lines);
  }

  double daemonCpuMs() const { return way_.daemon == 0 ? 0 : ownCpuMs(way_.daemon); }

  Way way_;
  test::TempFolder folder_;
  test::TempFolder work_;  // the playbook's, at the hosts
  std::map<std::string, std::string> variables_;
};

void run(const Options& options) {
  tellIfBusy();
  setvbuf(stdout, nullptr, _IOLBF, 0);
  ManyAddresses server(ManyAddresses::Kind::kSshd);
  test::TempFolder folder;
  std::string program = folder.path("cbsession-ssh");
  if (symlink(options.programs.cli.c_str(), program.c_str()) != 0) test::failErrno("symlink " + program);
  BenchDaemon daemon(options.programs, server.sshConfig(), "[log]\nfile = \"" + folder.path("log") + "\"\n", "scaling");
  Playbook ours({.name = "cbsession-ssh",
                 .connection = "ssh",
                 .sshProgram = program,
                 .variables = {{"CBSESSION_SOCKET", daemon.socket()}, {"CBSESSION_AUTOSTART", "0"}},
                 .daemon = daemon.pid()},
                server);
  Playbook theirs({.name = "ssh, ControlPersist", .connection = "ssh"}, server);
  Playbook floor({.name = "no connection (local)", .connection = "local"}, server);

  printf("20 small tasks on %d hosts, pipelining, connections kept, %d turns\n", options.hosts, options.turns);
  auto all = runInTurns({&ours, &theirs, &floor}, {options.hosts, ""}, Connections::kKept, options.turns);
  print(all);
  Goals goals;
  goals.atMost("share of the time with ControlPersist", timesAsLong(all[0], all[1]), kMostOfControlPersist);
  goals.print();
  double kept = medianSeconds(all[2]);
  printf("above the floor, which is Ansible itself and its modules: %.2f s against %.2f s\n",
         medianSeconds(all[0]) - kept, medianSeconds(all[1]) - kept);
}

}  // namespace
}  // namespace cbs::bench

int main(int argc, char** argv) {
  CLI::App app("A playbook over the pool, against OpenSSH's ControlPersist");
  cbs::bench::Options options;
  app.add_option("--cli", options.programs.cli, "cbsession to measure")->check(CLI::ExistingFile);
  app.add_option("--agentd", options.programs.agentd, "cbsession-agentd to measure")->check(CLI::ExistingFile);
  app.add_option("--hosts", options.hosts, "how many")->check(CLI::PositiveNumber);
  app.add_option("--turns", options.turns, "of each")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  cbs::bench::endWhenInterrupted();
  try {
    cbs::bench::run(options);
  } catch (const std::exception& error) {
    fprintf(stderr, "ansible: %s\n", error.what());
    return 1;
  }
}
