// Channels of one connection, without a pool.
#pragma once

#include "agentd/ssh/connection.h"
#include "agentd/transfer/channels.h"

namespace cbs::transfer {

class ConnectionChannels final : public Channels {
 public:
  explicit ConnectionChannels(ssh::Connection& connection) : connection_(connection) {}
  Task<Expected<kj::Own<Held>>> bulk() override { return open(); }
  // Waits for ever if there is to be none.
  Task<Expected<kj::Own<Held>>> command() override {
    ++commands;
    if (noCommands) co_await kj::Promise<void>(kj::NEVER_DONE);
    co_return co_await open();
  }

  int commands = 0;
  bool noCommands = false;

 private:
  struct OwnChannel final : Held {
    explicit OwnChannel(kj::Own<ssh::Channel> channel) : own(kj::mv(channel)) {}
    ssh::Channel& channel() override { return *own; }
    kj::Own<ssh::Channel> own;
  };

  Task<Expected<kj::Own<Held>>> open() {
    auto channel = co_await connection_.openChannel();
    if (!channel) co_return fail(kj::mv(channel.error()));
    co_return kj::Own<Held>(kj::heap<OwnChannel>(kj::mv(*channel)));
  }

  ssh::Connection& connection_;
};

}  // namespace cbs::transfer
