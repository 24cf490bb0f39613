// Turns ssh_config's answer into what engines and keys are told.
#pragma once

#include "agentd/identity/caller_context.h"
#include "agentd/identity/host_config.h"
#include "agentd/identity/identity_server.h"
#include "agentd/identity/trust_server.h"
#include "schema/engine.capnp.h"

#include <string>
#include <vector>

namespace cbs::identity {

// Fills in all but the pool key. `standard` is what ssh says without any configuration: algorithms are passed on only
// where they differ from it, so that the engine's own order applies otherwise.
void describe(const HostConfig& config, const HostConfig& standard, const std::string& target,
              schema::ResolvedHost::Builder host);

// Those of a caller's variables that SendEnv names.
HostConfig::Variables sentVariables(const std::vector<std::string>& sendEnv, const HostConfig::Variables& environment);

KeySettings keySettingsOf(const HostConfig& config, const HostConfig& standard, const CallerContext& caller);

// Whether an IdentityAgent is a variable of the caller's other than SSH_AUTH_SOCK: `$NAME`.
bool namesCallersVariable(const std::string& identityAgent);

LoginSettings loginSettingsOf(const HostConfig& config, KeySettings keys, const std::string& poolKey);

// `jumpKeys` are those of the hosts on the way, which make connections differ, too. `user@host:port/` and a digest of
// all else that makes two connections differ. What is set for each command (SetEnv) is no part of it, nor is BatchMode:
// one who is not to be asked may use the connection for which another was.
std::string poolKeyOf(const HostConfig& config, schema::ResolvedHost::Reader host, const KeySettings& keys,
                      const TrustSettings& trust, const std::vector<std::string>& jumpKeys);

}  // namespace cbs::identity
