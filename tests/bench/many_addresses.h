// A server at every loopback address, for one client with many connections.
#pragma once

#include "tests/bench/bare_session.h"
#include "tests/support/child_process.h"
#include "tests/support/sshd.h"
#include "tests/support/temp_folder.h"

#include <cstdint>
#include <memory>
#include <string>

namespace cbs::bench {

// The loopback address number `index`, from 127.1.0.1 on; there are 15 million.
std::string loopbackAddress(int index);

// The first `count` of them as a node set: 127.1.0.[1-250],127.1.1.[1-250].
std::string loopbackNodeSet(int count);

class ManyAddresses {
 public:
  enum class Kind {
    kLight,  // the program tests/support/light_server: one process, little CPU
    kSshd,   // OpenSSH's: two processes a connection
  };
  // The light server's work is shared by `processes`. Throws if it was not built, for want of libssh.
  explicit ManyAddresses(Kind kind, int processes = 1);

  Login loginAt(const std::string& address) const { return {address, port_, user_, keyFile_}; }
  const std::string& user() const { return user_; }
  // An ssh_config for `Host 127.*`, with strict host key checking.
  std::string sshConfig() const;
  // The known_hosts file that it names.
  std::string knownHostsFile() const;
  // The light server's processor time so far, all its processes together.
  double lightCpuMs() const;

 private:
  void startLight(int processes);
  void startSshd();

  test::TempFolder folder_;
  std::unique_ptr<test::ChildProcess> light_;
  std::unique_ptr<test::Sshd> sshd_;
  uint16_t port_ = 0;
  std::string user_;
  std::string keyFile_;
  std::string hostKey_;  // the public line
};

}  // namespace cbs::bench
