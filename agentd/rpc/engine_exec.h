// Asks an engine for a command.
#pragma once

#include "agentd/rpc/admission.h"
#include "schema/engine.capnp.h"

namespace cbs::rpc {

using EngineExec = capnp::Request<schema::Engine::ExecParams, schema::Engine::ExecResults>;

// Fills in where it goes, on whose behalf, and the variables that SendEnv chooses.
void addressExec(EngineExec& request, const Destination& to);

// Resolves with `told`, which the relay of the command's output settles. An engine that fails lets go of that relay as
// well, and which of the two shows first is chance: its own words say more, so they are what this fails with.
kj::Promise<void> untilTold(capnp::RemotePromise<schema::Engine::ExecResults> running, kj::Promise<void> told);

}  // namespace cbs::rpc
