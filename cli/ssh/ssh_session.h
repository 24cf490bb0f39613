// Does what ssh would do: over the pool, or by the real ssh.
#pragma once

#include "cli/daemon/place.h"
#include "cli/exec/exec_end.h"
#include "cli/exec/exec_options.h"
#include "cli/ssh/real_ssh.h"
#include "cli/ssh/ssh_arguments.h"

#include <kj/io.h>

#include <string>

namespace cbs::cli {

constexpr int kSshFailure = 255;  // what ssh exits with when it has no status of a command's

class SshSession {
 public:
  // `arguments` are ssh's own, for the real one. Both outlive the session.
  SshSession(const DaemonPlace& place, const Arguments& arguments) : place_(place), arguments_(arguments) {}

  // Gives the exit code, unless the program becomes the real ssh.
  int run();

 private:
  int runCommand();
  int runOverPool(kj::AutoCloseFd socket, const ExecOptions& options);
  int conclude(const ExecEnd& end);
  int becomeReal(const std::string& why, bool quietly);
  int fail(const std::string& sentence);
  bool decideTerminal();
  void passOverMissingKeys();
  ExecOptions execOptions();
  void sayCost(const ExecEnd& end);
  void say(const std::string& text);

  const DaemonPlace& place_;
  const Arguments& arguments_;
  StartSignals signals_;
  SshCommand command_;
  kj::AutoCloseFd log_;  // of -E
};

}  // namespace cbs::cli
