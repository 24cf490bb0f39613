#include "tests/bench/bare_host.h"

#include "tests/support/failure.h"
#include "tests/support/temp_folder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace cbs::bench {
namespace {

// As agentd/ssh/login.cc has them.
constexpr const char* kCiphers =
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,chacha20-poly1305@openssh.com";

sockaddr_in addressOf(const Login& login) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(login.port);
  inet_pton(AF_INET, login.address.c_str(), &address.sin_addr);
  return address;
}

}  // namespace

BareKey::BareKey(const Login& login)
    : privateText(test::readFile(login.keyFile)), publicText(test::readFile(login.keyFile + ".pub")) {}

void BareHost::Free::operator()(LIBSSH2_SESSION* session) const {
  libssh2_session_set_blocking(session, 1);  // so that it is freed in one call
  libssh2_session_free(session);
}

BareHost::BareHost(Login login, const BareKey& key) : login_(std::move(login)), key_(key) {}

BareHost::~BareHost() {
  if (socket_.open()) shutdown(socket_.get(), SHUT_RDWR);  // there is nothing more to say, and nothing to wait for
}

void BareHost::begin(const std::string& command) {
  command_ = command;
  if (session_ == nullptr) {
    startConnecting();
  } else {
    phase_ = Phase::kOpen;
  }
}

void BareHost::startConnecting() {
  socket_ = test::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_.open()) test::failErrno("socket");
  int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address = addressOf(login_);
  if (connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 && errno != EINPROGRESS) {
    test::failErrno("connect " + login_.address);
  }
  session_.reset(libssh2_session_init());
  if (!session_) test::fail("libssh2 has no memory");
  libssh2_session_set_blocking(session_.get(), 0);
  libssh2_session_method_pref(session_.get(), LIBSSH2_METHOD_CRYPT_CS, kCiphers);
  libssh2_session_method_pref(session_.get(), LIBSSH2_METHOD_CRYPT_SC, kCiphers);
  phase_ = Phase::kConnect;
}

bool BareHost::advance() {
  while (phase_ != Phase::kIdle) {
    if (!step()) return false;
    phase_ = static_cast<Phase>(static_cast<int>(phase_) + 1);
  }
  return true;
}

bool BareHost::step() {
  LIBSSH2_SESSION* session = session_.get();
  switch (phase_) {
    case Phase::kConnect:
      return connected();
    case Phase::kHandshake:
      return settled(libssh2_session_handshake(session, socket_.get()), "handshake");
    case Phase::kLogin:
      return settled(libssh2_userauth_publickey_frommemory(session, login_.user.data(), login_.user.size(),
                                                           key_.publicText.data(), key_.publicText.size(),
                                                           key_.privateText.data(), key_.privateText.size(), nullptr),
                     "login");
    case Phase::kOpen:
      return open();
    case Phase::kExec:
      return settled(libssh2_channel_exec(channel_, command_.c_str()), "exec");
    case Phase::kRead:
      return readToEnd();
    case Phase::kEnd:
      // The status may come after the end of the output: it is certain once the server has closed the channel.
      if (!settled(libssh2_channel_wait_closed(channel_), "close")) return false;
      finish();
      return true;
    case Phase::kIdle:
      return true;
  }
  return true;
}

bool BareHost::connected() {
  sockaddr_in peer{};
  socklen_t size = sizeof(peer);
  if (getpeername(socket_.get(), reinterpret_cast<sockaddr*>(&peer), &size) == 0) return true;
  int error = 0;
  size = sizeof(error);
  getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) test::fail("connect " + login_.address + ": " + strerror(error));
  return false;
}

bool BareHost::settled(int code, const char* what) {
  if (code == LIBSSH2_ERROR_EAGAIN) return false;
  if (code != 0) fail(what);
  return true;
}

bool BareHost::open() {
  channel_ = libssh2_channel_open_session(session_.get());
  return channel_ != nullptr || settled(libssh2_session_last_errno(session_.get()), "channel open");
}

bool BareHost::readToEnd() {
  char buffer[16384];
  ssize_t size = 0;
  do {
    size = libssh2_channel_read(channel_, buffer, sizeof(buffer));
  } while (size > 0);
  return settled(static_cast<int>(size), "read");
}

void BareHost::finish() {
  int status = libssh2_channel_get_exit_status(channel_);
  // The server has closed it: what this still sends fits into the socket.
  libssh2_channel_free(channel_);
  channel_ = nullptr;
  if (status != 0) test::fail(command_ + " at " + login_.address + " exited with " + std::to_string(status));
}

void BareHost::fail(const char* what) {
  char* message = nullptr;
  libssh2_session_last_error(session_.get(), &message, nullptr, 0);
  test::fail("bare libssh2: " + login_.address + ": " + what + ": " + message);
}

}  // namespace cbs::bench
