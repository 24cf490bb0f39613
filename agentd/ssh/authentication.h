// Logging in: one method of authentication after the other (RFC 4252).
#pragma once

#include "agentd/ssh/credentials.h"
#include "agentd/ssh/session.h"

#include <string>
#include <vector>

namespace cbs::ssh {

struct LoginMethods {
  std::vector<std::string> order = {"publickey", "keyboard-interactive", "password"};
  unsigned prompts = 3;  // how often what is typed may be wrong (NumberOfPasswordPrompts)
};

// Tries the methods in their order, as far as the server would take them, and again what it wants beside one that it
// has accepted. Fails with authRefused and the facts `user`, `offered` (keys) and `methods` (that the server would
// take), or unreachable when the connection breaks.
Task<Expected<void>> authenticate(Session& session, std::string user, LoginMethods methods, Signer& signer);

}  // namespace cbs::ssh
