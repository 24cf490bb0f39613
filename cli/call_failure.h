// Why a call on the daemon failed.
#pragma once

#include "common/agent_client.h"
#include "common/task.h"

#include <kj/exception.h>

namespace cbs::cli {

// What the daemon said to the hello if it refused us, else what `exception` says: agentUnreachable if the connection
// has ended, if the daemon does not know the call (versionMismatch), or if we may not make it (peerRefused);
// usage/badRequest if it makes no sense; else internal.
Error callFailure(const Expected<DaemonInfo>& greeting, const kj::Exception& exception);

// Why a call will have no end: the daemon has refused us, does not know the call, or has ended. Comes when that is
// known; `accepted` is the call's own answer. `client` outlives it.
Task<Error> whyNoEnd(AgentClient& client, kj::Promise<void> accepted);

}  // namespace cbs::cli
