// A channel on its way from the request to the server's reply (RFC 4254 §5.1).
#pragma once

#include "common/turnstile.h"

#include <kj/refcount.h>

#include <libssh2.h>

#include <cstdint>
#include <string>

namespace cbs::ssh {

// It is carried to its end whether anybody waits or not: the server may have opened it, and must be told that nobody
// wants it.
class ChannelOpening : public kj::Refcounted {
 public:
  // `message` is what the channel's type has beyond RFC 4254 §5.1. `turn` is the right to ask for a channel, kept until
  // that is done.
  ChannelOpening(LIBSSH2_SESSION* session, std::string type, std::string message, Turnstile::Pass turn);

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
  std::string type_;
  std::string message_;
  std::string refusal_;
  Turnstile::Pass turn_;
  LIBSSH2_CHANNEL* channel_ = nullptr;
  bool replied_ = false;
  bool wanted_ = true;
};

// The message of a direct-tcpip channel (RFC 4254 §7.2) to `host` as the server sees it.
std::string tunnelMessage(const std::string& host, uint16_t port);

}  // namespace cbs::ssh
