// Speaks to an ssh-agent.
#pragma once

#include "agentd/identity/agent_protocol.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/turnstile.h"

#include <string>
#include <vector>

namespace cbs::identity {

// Each request has a connection of its own, so that a key which waits for a touch holds up nobody else; at most 32 at
// once. All fails with authRefused/agentUnavailable, and names the socket.
class AgentClient {
 public:
  AgentClient(Loop loop, std::string socketPath) : loop_(loop), path_(std::move(socketPath)) {}

  // Within five seconds.
  Task<Expected<std::vector<AgentKey>>> list();

  // As Identity.sign in schema/engine.capnp. Within a minute, as a person may have to touch a key.
  Task<Expected<std::string>> sign(std::string blob, std::string data, std::string algorithm);

  const std::string& path() const { return path_; }

 private:
  Task<Expected<std::string>> ask(std::string request, kj::Duration limit);
  Task<Expected<std::string>> exchange(std::string request);
  Error named(Error error) const;

  Loop loop_;
  std::string path_;
  Turnstile turnstile_{32};
};

}  // namespace cbs::identity
