// The options of ssh that a caller gives with a command.
#pragma once

#include "agentd/identity/ssh_options.h"
#include "agentd/rpc/caller.h"
#include "schema/agent.capnp.h"

namespace cbs::rpc {

// Fails with agentUnreachable/peerRefused, with the fact `refused`, for options that could name programs or files, if
// the caller is neither the daemon's user nor root; with usage/badRequest for more than 100 options, or 16 KiB of them,
// and for a file that is not absolute.
Expected<identity::SshOptions> sshOptionsOf(schema::ExecRequest::Reader request, uid_t user);

}  // namespace cbs::rpc
