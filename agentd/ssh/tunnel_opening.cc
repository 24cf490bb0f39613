#include "agentd/ssh/tunnel_opening.h"

#include "agentd/core/wire.h"
#include "agentd/ssh/channel.h"

#include <string_view>
#include <utility>

namespace cbs::ssh {
namespace {

// What OpenSSH gives as the origin of what it forwards with -W.
constexpr const char* kOriginHost = "127.0.0.1";
constexpr int kOriginPort = 65535;

}  // namespace

TunnelOpening::TunnelOpening(LIBSSH2_SESSION* session, std::string host, uint16_t port, Turnstile::Pass turn)
    : session_(session),
      host_(std::move(host)),
      port_(port),
      message_(core::WireWriter().string(host_).uint32(port).string(kOriginHost).uint32(kOriginPort).bytes()),
      turn_(std::move(turn)) {}

#ifdef LIBSSH2_HAS_CHANNEL_OPEN_SEND

LIBSSH2_CHANNEL* TunnelOpening::request() {
  constexpr std::string_view kType = "direct-tcpip";
  return libssh2_channel_open_send(session_, kType.data(), kType.size(), kChannelWindow, kChannelPacket,
                                   message_.data(), static_cast<unsigned>(message_.size()));
}

#else

// Without our own patch a request and its reply cannot be told apart: one tunnel is opened after the other.
LIBSSH2_CHANNEL* TunnelOpening::request() {
  auto* channel = libssh2_channel_direct_tcpip_ex(session_, host_.c_str(), port_, kOriginHost, kOriginPort);
  replied_ = channel != nullptr;
  return channel;
}
static int libssh2_channel_open_reply(LIBSSH2_CHANNEL*) { return 0; }

#endif

ssize_t TunnelOpening::ask() {
  channel_ = request();
  if (channel_ == nullptr) return libssh2_session_last_errno(session_);
  turn_ = nullptr;
  return 0;
}

ssize_t TunnelOpening::awaitReply() {
  ssize_t code = libssh2_channel_open_reply(channel_);
  replied_ = code == 0;
  return code;
}

ssize_t TunnelOpening::step() {
  ssize_t code = channel_ == nullptr ? ask() : 0;
  if (code == 0 && !replied_) code = awaitReply();
  if (code == 0) return wanted_ ? 0 : libssh2_channel_free(channel_);
  if (code == LIBSSH2_ERROR_EAGAIN) return code;
  char* words = nullptr;
  libssh2_session_last_error(session_, &words, nullptr, 0);
  refusal_ = words == nullptr ? "" : words;
  return code;
}

LIBSSH2_CHANNEL* TunnelOpening::abandon() {
  wanted_ = false;
  return replied_ ? channel_ : nullptr;
}

}  // namespace cbs::ssh
