// Why a call on the daemon failed.
#pragma once

#include "common/agent_client.h"

#include <kj/exception.h>

namespace cbs::cli {

// What the daemon said to the hello if it refused us, else what `exception` says: agentUnreachable if the connection
// has ended, or, as versionMismatch, if the daemon does not know the call; else internal.
Error callFailure(const Expected<DaemonInfo>& greeting, const kj::Exception& exception);

}  // namespace cbs::cli
