#include "agentd/ssh/tunnel.h"

namespace cbs::ssh {
Tunnel::Tunnel(Loop loop, kj::Own<Channel> channel, kj::AutoCloseFd end, std::string jumpHost)
    : channel_(kj::mv(channel)),
      stream_(loop.io.wrapSocketFd(kj::mv(end), kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC)),
      jumpHost_(std::move(jumpHost)),
      copying_(copy().promise().eagerlyEvaluate([](kj::Exception&&) {})) {}

// An exception says that the session at the other end has gone: then there is nothing left to carry.
Task<void> Tunnel::copy() {
  auto out = toServer().promise().eagerlyEvaluate([](kj::Exception&&) {});
  co_await fromServer();
  co_await out;
}

Task<void> Tunnel::fromServer() {
  for (;;) {
    auto chunk = co_await channel_->read();
    if (!chunk) co_return end("the jump host " + jumpHost_ + ": " + chunk.error().detail);
    if (!*chunk) break;
    co_await stream_->write((*chunk)->bytes.begin(), (*chunk)->bytes.size());
  }
  stream_->shutdownWrite();
  end("");
}

Task<void> Tunnel::toServer() {
  auto buffer = kj::heapArray<kj::byte>(kChannelPacket);
  for (;;) {
    size_t size = co_await stream_->tryRead(buffer.begin(), 1, buffer.size());
    if (size == 0) break;
    auto written = co_await channel_->write(kj::heapArray<kj::byte>(buffer.slice(0, size)));
    if (!written) co_return;  // which the reader notices as well
  }
  std::ignore = co_await channel_->sendEof();
}

}  // namespace cbs::ssh
