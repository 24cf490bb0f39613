#include "agentd/ssh/channel_opening.h"

#include "agentd/core/wire.h"
#include "agentd/ssh/channel.h"

#include <utility>

namespace cbs::ssh {
namespace {

// What OpenSSH gives as the origin of what it forwards with -W.
constexpr const char* kOriginHost = "127.0.0.1";
constexpr int kOriginPort = 65535;

}  // namespace

ChannelOpening::ChannelOpening(LIBSSH2_SESSION* session, std::string type, std::string message, Turnstile::Pass turn)
    : session_(session), type_(std::move(type)), message_(std::move(message)), turn_(std::move(turn)) {}

#ifdef LIBSSH2_HAS_CHANNEL_OPEN_SEND

LIBSSH2_CHANNEL* ChannelOpening::request() {
  return libssh2_channel_open_send(session_, type_.data(), static_cast<unsigned>(type_.size()), kChannelWindow,
                                   kChannelPacket, message_.data(), static_cast<unsigned>(message_.size()));
}

#else

// Without our own patch a request and its reply cannot be told apart: one channel is opened after the other.
LIBSSH2_CHANNEL* ChannelOpening::request() {
  auto* channel = libssh2_channel_open_ex(session_, type_.data(), static_cast<unsigned>(type_.size()), kChannelWindow,
                                          kChannelPacket, message_.data(), static_cast<unsigned>(message_.size()));
  replied_ = channel != nullptr;
  return channel;
}
static int libssh2_channel_open_reply(LIBSSH2_CHANNEL*) { return 0; }

#endif

ssize_t ChannelOpening::ask() {
  channel_ = request();
  if (channel_ == nullptr) return libssh2_session_last_errno(session_);
  turn_ = nullptr;
  return 0;
}

ssize_t ChannelOpening::awaitReply() {
  ssize_t code = libssh2_channel_open_reply(channel_);
  replied_ = code == 0;
  return code;
}

ssize_t ChannelOpening::step() {
  ssize_t code = channel_ == nullptr ? ask() : 0;
  if (code == 0 && !replied_) code = awaitReply();
  if (code == 0) return wanted_ ? 0 : libssh2_channel_free(channel_);
  if (code == LIBSSH2_ERROR_EAGAIN) return code;
  char* words = nullptr;
  libssh2_session_last_error(session_, &words, nullptr, 0);
  refusal_ = words == nullptr ? "" : words;
  return code;
}

LIBSSH2_CHANNEL* ChannelOpening::abandon() {
  wanted_ = false;
  return replied_ ? channel_ : nullptr;
}

std::string tunnelMessage(const std::string& host, uint16_t port) {
  return core::WireWriter().string(host).uint32(port).string(kOriginHost).uint32(kOriginPort).bytes();
}

}  // namespace cbs::ssh
