// A client's end of the connection to the daemon (schema/agent.capnp).
#pragma once

#include "common/error.h"
#include "common/loop.h"
#include "schema/agent.capnp.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <sys/types.h>

#include <string>

namespace cbs {

// Who answers at the daemon's socket.
struct DaemonInfo {
  std::string version;
  pid_t pid;
};

// Says hello as soon as it is made, and offers the daemon's Agent without waiting for the answer.
//
// Calls on the agent travel behind the hello in one flight. When they fail, ask greeting() first: if the daemon would
// not have us, that is why. Dropping the client ends the connection, and with it what the daemon does for us.
class AgentClient {
 public:
  // Takes a connected Unix socket (connectLocal) and the version of the program that connects.
  AgentClient(Loop loop, kj::AutoCloseFd socket, kj::StringPtr version);

  schema::Agent::Client& agent() { return agent_; }

  // What the daemon said to the hello, within five seconds. May be asked for many times. Fails with `agentUnreachable`:
  // reason `versionMismatch` with the facts `daemonVersion` and `pid`, else `unspecified` when what answers is no
  // daemon of ours, says nothing, or closes the connection.
  kj::Promise<Expected<DaemonInfo>> greeting() { return greeting_.addBranch(); }

  // Resolves when the connection has ended.
  kj::Promise<void> onDisconnect() { return client_.onDisconnect(); }

 private:
  using Hello = capnp::RemotePromise<schema::Door::HelloResults>;
  Hello sayHello(kj::StringPtr version);

  kj::Own<kj::AsyncCapabilityStream> stream_;
  capnp::TwoPartyClient client_;
  Hello hello_;
  schema::Agent::Client agent_;
  kj::ForkedPromise<Expected<DaemonInfo>> greeting_;
};

}  // namespace cbs
