#include "tests/bench/bare_session.h"

#include "tests/support/failure.h"
#include "tests/support/ports.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace cbs::bench {

BareSession::BareSession(const Login& login) : socket_(test::connectTo(login.address, login.port)) {
  int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  session_.reset(libssh2_session_init());
  if (!session_) test::fail("libssh2 has no memory");
  if (libssh2_session_handshake(session_.get(), socket_.get()) != 0) fail("handshake");
  std::string publicFile = login.keyFile + ".pub";
  if (libssh2_userauth_publickey_fromfile(session_.get(), login.user.c_str(), publicFile.c_str(), login.keyFile.c_str(),
                                          nullptr) != 0) {
    fail("login");
  }
}

int BareSession::run(const std::string& command) {
  std::unique_ptr<LIBSSH2_CHANNEL, Free> channel(libssh2_channel_open_session(session_.get()));
  if (!channel) fail("channel open");
  if (libssh2_channel_exec(channel.get(), command.c_str()) != 0) fail("exec");
  char buffer[4096];
  ssize_t size = 0;
  do {
    size = libssh2_channel_read(channel.get(), buffer, sizeof(buffer));
  } while (size > 0);
  if (size < 0) fail("read");
  // The status may come after the end of the output: it is certain once the server has closed the channel.
  if (libssh2_channel_close(channel.get()) != 0 || libssh2_channel_wait_closed(channel.get()) != 0) fail("close");
  return libssh2_channel_get_exit_status(channel.get());
}

void BareSession::fail(const char* what) {
  char* message = nullptr;
  libssh2_session_last_error(session_.get(), &message, nullptr, 0);
  test::fail(std::string("bare libssh2: ") + what + ": " + message);
}

}  // namespace cbs::bench
