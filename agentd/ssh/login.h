// Handshake and host key: what makes a Session out of a connection to a server.
#pragma once

#include "agentd/ssh/credentials.h"
#include "agentd/ssh/session.h"

#include <string>

namespace cbs::ssh {

// Algorithms in the form of ssh_config, comma-separated; "" for this project's own order.
struct Algorithms {
  std::string ciphers;
  std::string macs;
  std::string kex;
};

// Says hello, and resolves when the server has said something as well, or is gone. Fails with unreachable or
// hostKeyRefused.
Task<Expected<void>> greet(Session& session, Algorithms algorithms, HostKeyJudge& judge);

// To be called after it: key exchange, and the judge's word on the host key, which a login must heed. Fails with
// unreachable or hostKeyRefused.
Task<Expected<Trustworthiness>> handshake(Session& session, HostKeyJudge& judge, std::string address);

}  // namespace cbs::ssh
