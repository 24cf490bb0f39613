// What a caller's surroundings say and the daemon cannot know.
#pragma once

#include "agentd/identity/asker.h"
#include "agentd/identity/host_config.h"
#include "agentd/identity/ssh_options.h"

#include <memory>
#include <string>

namespace cbs::identity {

// Cheap to copy: each of a thousand commands of the same caller has one.
struct CallerContext {
  std::string authSock = {};  // SSH_AUTH_SOCK; "": none
  Asker asker = {};
  std::shared_ptr<const HostConfig::Variables> variables = {};  // null: none
  bool ownAgents = true;                                        // IdentityAgent may name a variable of these
  SshOptions ssh = {};

  // For SendEnv and IdentityAgent to choose from.
  const HostConfig::Variables& environment() const {
    static const HostConfig::Variables kNone;
    return variables == nullptr ? kNone : *variables;
  }
};

}  // namespace cbs::identity
