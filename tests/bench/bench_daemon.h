// A daemon of the benchmark's own.
#pragma once

#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

#include <memory>
#include <string>
#include <vector>

namespace cbs::bench {

// The programs that are measured.
struct Programs {
  std::string cli = CBS_CLI;
  std::string agentd = CBS_AGENTD;
};

// Runs cbsession-agentd on a socket, a state folder and a configuration of its own, and ends it with the object.
class BenchDaemon {
 public:
  // `sshConfig` is the text of the ssh_config that targets are looked up in; `settings` are further lines of the
  // configuration's section [session.ssh]; `profile` is its set of limits. Throws unless the daemon is ready soon.
  BenchDaemon(Programs programs, const std::string& sshConfig, const std::string& settings = "",
              const std::string& profile = "default");
  ~BenchDaemon();

  // The command line that runs `command` at `target`.
  std::vector<std::string> exec(const std::string& target, const std::string& command) const;
  // The command line that runs `cbsession` with these words, of which the first is the command.
  std::vector<std::string> command(const std::vector<std::string>& words) const;
  pid_t pid() const { return process_->pid(); }
  const std::string& socket() const { return socket_; }
  // The file with the text of `sshConfig`.
  const std::string& sshConfigFile() const { return sshConfigFile_; }

 private:
  Programs programs_;
  test::TempFolder folder_;
  std::string sshConfigFile_;
  std::string socket_;
  std::unique_ptr<test::ChildProcess> process_;
};

}  // namespace cbs::bench
