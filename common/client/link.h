// A client's way to the daemon: a connection that is made when it is needed, and again when it has ended.
#pragma once

#include "common/agent_client.h"
#include "common/error.h"
#include "common/loop.h"
#include "common/task.h"

#include <memory>

namespace cbs::client {

// A connected socket, and what is spoken on it.
class Connection {
 public:
  Connection(Loop loop, kj::AutoCloseFd socket);

  schema::Agent::Client& agent() { return client_.agent(); }
  kj::Promise<Expected<DaemonInfo>> greeting() { return client_.greeting(); }
  kj::Promise<void> onDisconnect() { return client_.onDisconnect(); }

  // Whether the daemon has closed it, even if the event loop has not noticed yet, or it broke in another way.
  bool over() const;

 private:
  int socket_;  // the client's
  AgentClient client_;
  bool broken_ = false;
  kj::Promise<void> watch_;
};

// Lives as long as a call needs it, also after the next one has taken its place.
using ConnectionRef = std::shared_ptr<Connection>;

class Link {
 public:
  Link(Loop loop, std::string socketPath) : loop_(loop), socketPath_(std::move(socketPath)) {}

  // A connection that has said hello. All who ask meanwhile get the same. Fails as connectLocal and
  // AgentClient::greeting do.
  kj::Promise<Expected<ConnectionRef>> get();

 private:
  Task<Expected<ConnectionRef>> connect();
  Task<Expected<ConnectionRef>> attempt();

  Loop loop_;
  std::string socketPath_;
  ConnectionRef current_;
  bool connecting_ = false;
  kj::ForkedPromise<Expected<ConnectionRef>> attempt_ = nullptr;
};

}  // namespace cbs::client
