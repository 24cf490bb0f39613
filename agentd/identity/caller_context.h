// What a caller's surroundings say and the daemon cannot know.
#pragma once

#include "agentd/identity/asker.h"
#include "agentd/identity/host_config.h"

#include <string>

namespace cbs::identity {

struct CallerContext {
  std::string authSock = {};  // SSH_AUTH_SOCK; "": none
  Asker asker = {};
  HostConfig::Variables environment = {};  // for SendEnv and IdentityAgent to choose from
  bool ownAgents = true;                   // IdentityAgent may name a variable of these
};

}  // namespace cbs::identity
