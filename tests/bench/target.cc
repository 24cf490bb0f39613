#include "tests/bench/target.h"

namespace cbs::bench {

Target::Target(double delayMs) {
  if (delayMs <= 0) return;
  std::chrono::microseconds delay(static_cast<int64_t>(delayMs * 1000));
  proxy_ = std::make_unique<test::DelayingProxy>(sshd_.address(), sshd_.port(), delay);
}

std::string Target::sshConfig() const {
  std::string knownHosts = folder_.write("known_hosts", sshd_.knownHosts("bench"));
  return "Host bench\n  HostName " + sshd_.address() + "\n  Port " + std::to_string(port()) + "\n  User " +
         sshd_.user() + "\n  HostKeyAlias bench\n  IdentityFile " + sshd_.keyFile() +
         "\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile " + knownHosts +
         "\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  ControlPath " + folder_.path("control") +
         "\n";
}

}  // namespace cbs::bench
