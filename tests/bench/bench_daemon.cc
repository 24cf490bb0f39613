#include "tests/bench/bench_daemon.h"

#include "tests/support/failure.h"

#include <signal.h>

namespace cbs::bench {
namespace {

// What is left of the caller's environment: nothing that leads to the user's own files or ssh-agent.
std::map<std::string, std::string> environmentIn(const test::TempFolder& folder) {
  return {{"PATH", getenv("PATH")},
          {"HOME", folder.path()},
          {"XDG_RUNTIME_DIR", folder.makeFolder("run")},
          {"XDG_STATE_HOME", folder.makeFolder("state")},
          {"XDG_CONFIG_HOME", folder.makeFolder("config")}};
}

}  // namespace

BenchDaemon::BenchDaemon(Programs programs, const std::string& sshConfig, const std::string& settings,
                         const std::string& profile)
    : programs_(std::move(programs)),
      sshConfigFile_(folder_.write("ssh_config", sshConfig)),
      socket_(folder_.path("agentd.sock")) {
  std::string config = folder_.write("agentd.toml", "profile = \"" + profile + "\"\n[session.ssh]\nconfig_file = \"" +
                                                        sshConfigFile_ + "\"\n" + settings + "[http]\nlisten = \"\"\n");
  test::Pipe ready = test::makePipe();
  process_ = std::make_unique<test::ChildProcess>(
      test::Program{.argv = {programs_.agentd, "--config", config, "--socket", socket_, "--ready-fd", "3"},
                    .environment = environmentIn(folder_),
                    .descriptors = {{2, STDERR_FILENO}, {3, ready.write.get()}}});
  ready.write.close();
  char said[16] = {};
  if (!test::waitReadable(ready.read.get(), test::kSoon) || read(ready.read.get(), said, sizeof(said) - 1) <= 0 ||
      std::string(said) != "ready\n") {
    test::fail(programs_.agentd + " did not start");
  }
}

BenchDaemon::~BenchDaemon() {
  try {
    process_->signal(SIGTERM);
    process_->wait();
  } catch (const std::runtime_error&) {
    // It is killed with the object.
  }
}

std::vector<std::string> BenchDaemon::exec(const std::string& target, const std::string& command) const {
  return {programs_.cli, "exec", "--socket", socket_, "--no-autostart", target, command};
}

std::vector<std::string> BenchDaemon::command(const std::vector<std::string>& words) const {
  std::vector<std::string> argv = {programs_.cli, words.at(0), "--socket", socket_, "--no-autostart"};
  argv.insert(argv.end(), words.begin() + 1, words.end());
  return argv;
}

}  // namespace cbs::bench
