// libssh2 with nothing around it: the floor that the daemon is measured against.
#pragma once

#include "tests/support/unique_fd.h"

#include <libssh2.h>

#include <cstdint>
#include <memory>
#include <string>

namespace cbs::bench {

// Who logs in, where, and with what.
struct Login {
  std::string address;  // IPv4
  uint16_t port = 0;
  std::string user;
  std::string keyFile;  // OpenSSH format, not encrypted, the public key beside it
};

// One authenticated session in blocking mode, with TCP_NODELAY. It checks no host key: its server is the benchmark's
// own. Throws std::runtime_error when anything fails.
class BareSession {
 public:
  explicit BareSession(const Login& login);

  // Runs a command on a channel of its own, reads its output to the end, closes the channel and gives the exit status.
  int run(const std::string& command);

 private:
  struct Free {
    void operator()(LIBSSH2_SESSION* session) const { libssh2_session_free(session); }
    void operator()(LIBSSH2_CHANNEL* channel) const { libssh2_channel_free(channel); }
  };
  [[noreturn]] void fail(const char* what);

  test::UniqueFd socket_;
  std::unique_ptr<LIBSSH2_SESSION, Free> session_;
};

}  // namespace cbs::bench
