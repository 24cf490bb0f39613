// What all hosts share to log in: the agents, the key files and what people have typed.
#pragma once

#include "agentd/identity/answer_book.h"
#include "agentd/identity/key_files.h"
#include "agentd/identity/private_agent.h"

#include <map>
#include <memory>
#include <string>

namespace cbs::identity {

struct KeyStore {
  KeyStore(Loop loop, PrivateAgentSettings settings)
      : loop(loop), files(loop), privateAgent(loop, std::move(settings)), answers(loop) {}

  // The client for the agent at `socketPath`; null for "".
  std::shared_ptr<AgentClient> agentAt(const std::string& socketPath);

  const Loop loop;
  KeyFiles files;
  PrivateAgent privateAgent;
  AnswerBook answers;

 private:
  std::map<std::string, std::weak_ptr<AgentClient>> agents_;
};

}  // namespace cbs::identity
