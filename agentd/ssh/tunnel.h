// A jump host's channel as the carrier of a connection (direct-tcpip, RFC 4254 §7.2).
#pragma once

#include "agentd/ssh/carrier.h"
#include "agentd/ssh/channel.h"
#include "common/loop.h"
#include "common/task.h"

#include <kj/async-io.h>

#include <string>

namespace cbs::ssh {

// Copies between the channel and one end of a socket pair, each way held back by the other side. Ends with what befell
// the jump host's connection.
class Tunnel final : public Carrier {
 public:
  // `jumpHost` names it in messages.
  Tunnel(Loop loop, kj::Own<Channel> channel, kj::AutoCloseFd end, std::string jumpHost);

 private:
  Task<void> fromServer();
  Task<void> toServer();
  Task<void> copy();

  kj::Own<Channel> channel_;
  kj::Own<kj::AsyncIoStream> stream_;
  std::string jumpHost_;
  kj::Promise<void> copying_;
};

}  // namespace cbs::ssh
