// The daemon's own ssh-agent, which holds the key files that the user's agent does not have.
#pragma once

#include "agentd/identity/agent_client.h"
#include "agentd/identity/shared_call.h"
#include "common/child_process.h"

#include <memory>
#include <string>

namespace cbs::identity {

// Started when first needed, and again when it has died. It never outlives the daemon, however that ends.
class PrivateAgent {
 public:
  // Its socket will be in `folder`, which is made (0700) if it is missing.
  PrivateAgent(Loop loop, std::string folder);

  // Makes sure that the agent has the key of `file`, whose public key is `blob`. Runs `ssh-add` only if it has not.
  //   authRefused/agentUnavailable  the agent cannot be started, or does not answer
  //   authRefused/keyUnusable       ssh-add refuses the file; the detail has its own words
  Task<Expected<void>> ensure(std::string file, std::string blob);

  const std::shared_ptr<AgentClient>& client() const { return client_; }

 private:
  Task<Expected<void>> ensureOnce(std::string file, std::string blob);
  Task<Expected<bool>> has(std::string blob);
  Task<Expected<void>> add(std::string file);
  Task<Expected<void>> start();
  Expected<kj::AutoCloseFd> launch();

  Loop loop_;
  std::shared_ptr<AgentClient> client_;
  kj::AutoCloseFd lifeline_;  // the agent ends when it is closed
  std::unique_ptr<ChildProcess> process_;
  Turnstile adding_{4};
  SharedCalls<void> starting_;
  SharedCalls<void> ensuring_;
};

}  // namespace cbs::identity
