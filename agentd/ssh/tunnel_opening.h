// A direct-tcpip channel on its way from the request to the server's reply (RFC 4254 §7.2).
#pragma once

#include "common/turnstile.h"

#include <kj/refcount.h>

#include <libssh2.h>

#include <cstdint>
#include <string>

namespace cbs::ssh {

// It is carried to its end whether anybody waits or not: the server may have connected, and must be told that nobody
// wants it.
class TunnelOpening : public kj::Refcounted {
 public:
  // `turn` is the right to ask for a channel, kept until that is done.
  TunnelOpening(LIBSSH2_SESSION* session, std::string host, uint16_t port, Turnstile::Pass turn);

  // To be repeated until it says something other than LIBSSH2_ERROR_EAGAIN: 0 when the channel is there.
  ssize_t step();

  // Nobody waits any more. Gives the channel if it is there already, for the caller to close.
  LIBSSH2_CHANNEL* abandon();
  LIBSSH2_CHANNEL* channel() { return channel_; }
  // The server's reason, once step() has failed.
  const std::string& refusal() const { return refusal_; }

 private:
  ssize_t ask();
  ssize_t awaitReply();
  LIBSSH2_CHANNEL* request();

  LIBSSH2_SESSION* session_;
  std::string host_;
  [[maybe_unused]] uint16_t port_;
  std::string message_;
  std::string refusal_;
  Turnstile::Pass turn_;
  LIBSSH2_CHANNEL* channel_ = nullptr;
  bool replied_ = false;
  bool wanted_ = true;
};

}  // namespace cbs::ssh
