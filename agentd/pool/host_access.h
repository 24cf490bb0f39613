// How a host is reached and logged in to. Connections are shared between users of equal key.
#pragma once

#include "agentd/ssh/connection.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cbs::pool {

struct HostAccess {
  std::string key;                                               // equal for hosts that may share connections
  std::string alias;                                             // what the caller called it
  std::string id;                                                // by which logs know what it is for
  std::string caller;                                            // on whose behalf, as far as turns and shares go
  ssh::DialRequest dial;                                         // connectLimit 0: the pool's own
  std::vector<std::pair<std::string, std::string>> environment;  // sent with each command (SetEnv, SendEnv)
  std::shared_ptr<const HostAccess> jump;            // the host that the way leads through (ProxyJump); null: none
  std::string proxyCommand;                          // instead of a TCP connection; "": none
  kj::Duration keepaliveInterval = 0 * kj::SECONDS;  // ServerAliveInterval; 0: the pool's own
  unsigned keepaliveMost = 3;                        // ServerAliveCountMax
  std::vector<std::string> ignored;                  // what ssh_config asks for and is done without
  std::shared_ptr<ssh::Signer> signer;
  std::shared_ptr<ssh::HostKeyJudge> judge;
};

}  // namespace cbs::pool
