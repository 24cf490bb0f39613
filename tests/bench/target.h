// The server of a measurement.
#pragma once

#include "tests/bench/bare_session.h"
#include "tests/support/delaying_proxy.h"
#include "tests/support/sshd.h"
#include "tests/support/temp_folder.h"

#include <memory>
#include <string>

namespace cbs::bench {

// An sshd of the measurement's own, and the long way to it if one is wanted.
class Target {
 public:
  // A round trip takes 2 × `delayMs` longer than on loopback.
  explicit Target(double delayMs);

  uint16_t port() const { return proxy_ ? proxy_->port() : sshd_.port(); }
  Login login() const { return {sshd_.address(), port(), sshd_.user(), sshd_.keyFile()}; }
  const std::string& remoteFolder() const { return sshd_.remoteFolder(); }

  // An ssh_config that knows the server as `bench`.
  std::string sshConfig() const;

 private:
  test::Sshd sshd_;
  test::TempFolder folder_;
  std::unique_ptr<test::DelayingProxy> proxy_;
};

}  // namespace cbs::bench
