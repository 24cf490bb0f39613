// One host of the bare loop over many: libssh2 with nothing around it.
#pragma once

#include "tests/bench/bare_session.h"
#include "tests/support/unique_fd.h"

#include <libssh2.h>

#include <memory>
#include <string>

namespace cbs::bench {

// The text of a login's key files, read once for all hosts.
struct BareKey {
  explicit BareKey(const Login& login);

  std::string privateText;
  std::string publicText;
};

// A connection that is made with its first command, and kept; never blocks. Ciphers and TCP_NODELAY are as the daemon
// has them; it checks no host key. Throws std::runtime_error when anything fails.
class BareHost {
 public:
  // `key` outlives it.
  BareHost(Login login, const BareKey& key);
  ~BareHost();
  BareHost(const BareHost&) = delete;
  BareHost& operator=(const BareHost&) = delete;

  // A command is to be run; advance() does it.
  void begin(const std::string& command);

  // Does what can be done now. Gives whether the command has ended with 0; else there is more to do when the socket's
  // state has changed.
  bool advance();

  int socket() const { return socket_.get(); }

 private:
  enum class Phase { kConnect, kHandshake, kLogin, kOpen, kExec, kRead, kEnd, kIdle };

  void startConnecting();
  // Each gives whether it is done.
  bool step();
  bool connected();
  bool settled(int code, const char* what);
  bool open();
  bool readToEnd();
  void finish();
  [[noreturn]] void fail(const char* what);

  struct Free {
    void operator()(LIBSSH2_SESSION* session) const;
  };

  Login login_;
  const BareKey& key_;
  std::string command_;
  test::UniqueFd socket_;
  std::unique_ptr<LIBSSH2_SESSION, Free> session_;
  LIBSSH2_CHANNEL* channel_ = nullptr;  // the session's
  Phase phase_ = Phase::kConnect;
};

}  // namespace cbs::bench
