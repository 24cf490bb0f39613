// What all hosts share to get at keys: the agents and the key files.
#pragma once

#include "agentd/identity/key_files.h"
#include "agentd/identity/private_agent.h"

#include <map>
#include <memory>
#include <string>

namespace cbs::identity {

struct KeyStore {
  KeyStore(Loop loop, std::string privateAgentFolder)
      : loop(loop), files(loop), privateAgent(loop, std::move(privateAgentFolder)) {}

  // The client for the agent at `socketPath`; null for "".
  std::shared_ptr<AgentClient> agentAt(const std::string& socketPath);

  const Loop loop;
  KeyFiles files;
  PrivateAgent privateAgent;

 private:
  std::map<std::string, std::weak_ptr<AgentClient>> agents_;
};

}  // namespace cbs::identity
