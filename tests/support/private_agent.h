// A daemon of a test's own, and the CLI that talks to it.
#pragma once

#include "tests/support/cli_process.h"
#include "tests/support/sshd.h"
#include "tests/support/temp_folder.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cbs::test {

using Environment = std::map<std::string, std::string>;

// Further lines of its configuration, by section.
struct AgentSettings {
  std::string ssh = "";                // [session.ssh]
  std::string command = "";            // [session.command]
  std::string http = "listen = \"\"";  // [http]
  std::string rest = "";               // whole sections
  bool ownHome = false;                // HOME is where the account's home folder is, too (Program::home)
};

// Everything is in a folder of its own: HOME, socket, state, configuration, ssh_config, known_hosts. Nothing leads to
// the user's own files or ssh-agent. Hosts are added, then it is started:
//
//   PrivateAgent agent;
//   agent.addHost("web1", sshd);
//   agent.start();
//   REQUIRE(agent.cli({"exec", "web1", "true"}).code == 0);
//
// What still runs is killed with the object: the daemon, also one that the CLI has started.
class PrivateAgent {
 public:
  explicit PrivateAgent(const AgentSettings& settings = {});
  ~PrivateAgent();

  // Makes `alias` a name for a server that is known, with the key that it lets in. `lines` are further ones of
  // ssh_config for it.
  void addHost(const std::string& alias, const Sshd& sshd, const std::string& lines = "");
  // The same for a port of 127.0.0.1 where that server is reached in another way (a proxy).
  void addHostAt(uint16_t port, const std::string& alias, const Sshd& sshd, const std::string& lines = "");
  // Makes `alias` a name for a port of 127.0.0.1 whose server nothing is known of.
  void addUnknownHost(const std::string& alias, uint16_t port, const std::string& lines = "");

  // Starts the daemon and waits until it says that it is ready; throws with its log if it ends before.
  void start();
  // Asks it to end, as systemd does, and waits.
  Ended stop(milliseconds deadline = kSoon);
  // Kills it with SIGKILL and reaps it.
  void kill();
  // Starts the daemon with these arguments instead of the usual ones, and does not wait for anything.
  CliProcess startDaemon(const std::vector<std::string>& arguments) const;

  static std::string daemonProgram();
  // A program that says that it could take the daemon's place, and ends when it is to do so.
  static std::string oddSuccessor();

  // Runs `cbsession` with these arguments to its end. It starts no daemon by itself.
  CliResult cli(const std::vector<std::string>& arguments, std::string_view input = "",
                milliseconds deadline = kSoon) const;
  CliProcess startCli(const std::vector<std::string>& arguments, const Environment& environment = {}) const;
  // What runs `cbsession` with these arguments, for a test that arranges the rest itself.
  Program cliProgram(const std::vector<std::string>& arguments, const Environment& environment = {}) const;

  pid_t pid() const { return process_->pid(); }
  ChildProcess& process() { return *process_; }
  // What it has written to standard error so far.
  std::string log() const;
  // Returns once that has these words; throws when it takes too long.
  void awaitLog(const std::string& words) const;
  const std::string& socket() const { return socket_; }
  const std::string& configFile() const { return configFile_; }
  const std::string& sshConfigFile() const { return sshConfig_; }
  std::string knownHostsFile() const { return folder_.path("known_hosts"); }
  const TempFolder& folder() const { return folder_; }
  const Environment& environment() const { return environment_; }
  // Another name for the daemon's program, before it is started.
  void setProgram(const std::string& path) { program_ = path; }
  // For what the daemon alone gets, before it is started.
  void setVariable(const std::string& name, const std::string& value) { daemonsOwn_[name] = value; }
  // As Program::home.
  std::string home() const { return ownHome_ ? folder_.path("home") : ""; }

 private:
  void append(const std::string& file, const std::string& text);
  pid_t lockHolder() const;

  TempFolder folder_;
  std::string socket_;
  std::string sshConfig_;
  std::string configFile_;
  Environment environment_;
  Environment daemonsOwn_;
  std::string program_ = daemonProgram();
  bool ownHome_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace cbs::test
